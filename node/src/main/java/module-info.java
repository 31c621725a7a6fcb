/** Packager, registry, peer: assembles the data plane on one host. */
module dev.architekt.node {
  requires transitive dev.architekt.linux;
  requires transitive dev.architekt.region;
  requires dev.architekt.mount;
  requires dev.architekt.nbd;
  requires dev.architekt.archive;
  requires transitive dev.architekt.hypervisor;
  requires dev.architekt.hypervisor.qemu;
  requires dev.architekt.network;
  requires transitive dev.architekt.migration;
  requires java.net.http;
  requires jdk.unsupported; // sun.misc.Signal: a peer must outlive a Ctrl-C that comes too late
  requires com.fasterxml.jackson.databind;

  exports dev.architekt.node;
  exports dev.architekt.node.blueprint;
  exports dev.architekt.node.doctor;
  exports dev.architekt.node.identity;
  exports dev.architekt.node.packager;
  exports dev.architekt.node.peer;
  exports dev.architekt.node.state;

  opens dev.architekt.node.state to
      com.fasterxml.jackson.databind;

  uses dev.architekt.hypervisor.Hypervisor;
}
