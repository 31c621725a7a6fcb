/** Fakes driven by one seed: clock, network, disk, hypervisor. */
module dev.architekt.testkit {
  requires transitive dev.architekt.migration;

  exports dev.architekt.testkit;
  exports dev.architekt.testkit.client;
  exports dev.architekt.testkit.guest;
}
