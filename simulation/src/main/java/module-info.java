/** Whole migrations under faults, replayed by seed. */
module dev.architekt.simulation {
  requires transitive dev.architekt.migration;
  requires dev.architekt.testkit;

  exports dev.architekt.simulation;
}
