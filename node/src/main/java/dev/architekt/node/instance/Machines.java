package dev.architekt.node.instance;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.hypervisor.Platform;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** An instance on this host, in a hypervisor's terms. */
final class Machines {
  /** The unprivileged user that a hypervisor's process becomes. */
  private static final String USER = "nobody";

  private Machines() {}

  /** What the driver is asked for. */
  static MachineSpec spec(Host host, InstanceSpec spec) throws IOException {
    List<MachineSpec.Disk> drives = new ArrayList<>();
    for (InstanceSpec.Disk disk : spec.disks()) {
      drives.add(
          new MachineSpec.Disk(
              disk.name(), DiskSockets.path(host.state(), disk.name()), disk.name(), false));
    }
    return new MachineSpec(
        spec.name(),
        UUID.fromString(spec.id()),
        new Platform(
            spec.machineType(), spec.cpuModel(), spec.cpus(), Accelerator.of(spec.accelerator())),
        spec.memoryBytes(),
        new MachineSpec.Boot(
            Blobs.path(host.state(), spec.kernelDigest()),
            Blobs.path(host.state(), spec.initramfsDigest()),
            spec.commandLine()),
        Optional.of(spec.guestMac()),
        drives,
        host.qemu(),
        host.state().sockets(),
        Optional.of(USER));
  }
}
