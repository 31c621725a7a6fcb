/** The protocol core, the wire and the engine that move an instance. */
module dev.architekt.migration {
  requires transitive dev.architekt.linux;
  requires transitive dev.architekt.region;

  exports dev.architekt.migration.core;
  exports dev.architekt.migration.core.rules to
      dev.architekt.simulation;
  exports dev.architekt.migration.message;
  exports dev.architekt.migration.wire;
}
