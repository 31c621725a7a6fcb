package dev.architekt.node.instance;

import dev.architekt.network.Cidr;
import dev.architekt.network.MacAddress;
import dev.architekt.network.VmNetwork;
import dev.architekt.node.Output;
import dev.architekt.node.state.ProcessLimits;
import dev.architekt.node.state.StateDirectory;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an instance needs to know about the host it runs on.
 *
 * @param state where everything durable lies
 * @param qemu the hypervisor's binary
 * @param namespacePrefix of VM namespaces
 * @param hostVeths addresses between the host and the namespaces
 * @param namespaceVeths addresses under which this host reaches its VMs
 * @param uplink the device on which stable addresses are announced; empty for the one that fits
 * @param limits of the VM's process
 * @param output where people and machines read what happens
 */
public record Host(
    StateDirectory state,
    Path qemu,
    String namespacePrefix,
    String hostVeths,
    String namespaceVeths,
    Optional<String> uplink,
    ProcessLimits limits,
    Output output) {

  /** The control group of the VM's process. */
  Cgroup cgroup() {
    return Cgroup.of(state);
  }

  VmNetwork network(String guestMac) {
    return VmNetwork.defaults()
        .withSubnets(namespacePrefix, Cidr.parse(hostVeths), Cidr.parse(namespaceVeths))
        .withGuestMac(MacAddress.parse(guestMac));
  }
}
