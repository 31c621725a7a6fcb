/** What a machine can do. */
module dev.architekt.hypervisor {
  requires transitive dev.architekt.region;

  exports dev.architekt.hypervisor;
}
