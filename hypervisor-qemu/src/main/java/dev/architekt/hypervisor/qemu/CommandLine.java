package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.hypervisor.MachineSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * QEMU's arguments for a machine. Whatever here makes a device or changes one is part of what both
 * sides of a migration must have in common, so that a change needs a new version of the package
 * format.
 */
final class CommandLine {
  /**
   * A fixed geometry, which no guest of today looks at: without one QEMU guesses it from the disk's
   * first sector, and at the destination of a migration that sector comes only once the guest has
   * been stopped at the source.
   */
  private static final String GEOMETRY = ",cyls=16383,heads=16,secs=63";

  /**
   * Devices of q35 that no guest of ours has a driver for: less state to save, load and emulate.
   */
  private static final String UNUSED =
      ",vmport=off,smbus=off,sata=off,usb=off,i8042=off,graphics=off";

  // Under TCG the guest would distrust the TSC, and test a timer that starves on a busy host.
  private static final String KERNEL_ARGUMENTS =
      "console=ttyS0 tsc=reliable no_timer_check net.ifnames=0";
  // Longer than any outage of a node: QEMU must wait for its NBD server, not hand the guest an I/O
  // error.
  private static final long RECONNECT_SECONDS = 7 * 24 * 3600;
  private static final String SANDBOX = "on,obsolete=deny,spawn=deny,resourcecontrol=deny";

  private final MachineSpec spec;
  private final DescriptorTable table;
  private final List<String> arguments = new ArrayList<>();

  private CommandLine(MachineSpec spec, DescriptorTable table) {
    this.spec = spec;
    this.table = table;
  }

  static List<String> of(
      MachineSpec spec, DescriptorTable table, QemuVersion version, boolean incoming) {
    CommandLine line = new CommandLine(spec, table);
    line.process(version);
    line.platform();
    line.management();
    line.devices();
    line.add("-S");
    if (incoming) {
      line.add("-incoming", "defer");
    }
    return line.arguments;
  }

  private void process(QemuVersion version) {
    add(spec.binary().toString());
    add("-name", "guest=" + spec.name() + ",debug-threads=on", "-uuid", spec.uuid().toString());
    add("-nodefaults", "-no-user-config", "-display", "none");
    add("-pidfile", RunFolder.pidFile(spec.directory()).toString());
    if (spec.user().isPresent()) {
      // Opens everything first, then drops all rights for good (no_new_privs). The sandbox option
      // that forbids
      // set*uid would forbid just this.
      String user = spec.user().get();
      add(
          version.hasRunWithUser()
              ? List.of("-run-with", "user=" + user)
              : List.of("-runas", user));
      add("-sandbox", SANDBOX);
    } else {
      add("-sandbox", SANDBOX + ",elevateprivileges=deny");
    }
    // A guest that halts or panics stays to be looked at; a reboot is its own affair.
    add("-action", "shutdown=pause,panic=pause");
  }

  private void platform() {
    Map<String, Object> ram = new LinkedHashMap<>();
    ram.put("qom-type", "memory-backend-file");
    ram.put("id", "ram");
    ram.put("mem-path", "/proc/self/fd/" + table.ram());
    ram.put("size", spec.memoryBytes());
    ram.put("share", true);
    ram.put("merge", false);
    ram.put("dump", false);
    add("-object", Json.write(ram));
    add("-m", (spec.memoryBytes() >> 20) + "M");
    add("-M", spec.platform().machineType() + ",memory-backend=ram" + UNUSED);
    add("-accel", spec.platform().accelerator() == Accelerator.KVM ? "kvm" : "tcg");
    add("-cpu", spec.platform().cpuModel(), "-smp", Integer.toString(spec.platform().cpus()));
    add("-kernel", spec.boot().kernel().toString(), "-initrd", spec.boot().initramfs().toString());
    add("-append", (KERNEL_ARGUMENTS + " " + spec.boot().commandLine()).strip());
  }

  private void management() {
    // Two monitors: a socket serves one client at a time, and one must be free for whoever comes
    // after a dead JVM.
    for (String name : List.of("qmp0", "qmp1")) {
      socket(name);
      add("-mon", "chardev=" + name + ",mode=control");
    }
    add("-chardev", "file,id=console,append=on,path=" + inside("console.log"));
    add("-serial", "chardev:console");
    socket("agent");
    add("-device", "virtio-serial-pci,id=serial0,max_ports=2");
    add("-device", "virtserialport,bus=serial0.0,nr=1,chardev=agent,name=org.qemu.guest_agent.0");
  }

  private void devices() {
    // When a state is loaded, QEMU gives the guest the id that its own command line says, and the
    // guest's driver draws random numbers anew if that is another than before: after a start from
    // a package, whose instance is new, and not after a migration.
    add("-device", "vmgenid,id=generation,guid=" + spec.uuid());
    add("-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0");
    spec.mac()
        .ifPresent(mac -> {
          add("-netdev", "tap,id=net0,vhost=off,fd=" + table.tap());
          add("-device", "virtio-net-pci,netdev=net0,romfile=,mac=" + mac);
        });
    for (MachineSpec.Disk disk : spec.disks()) {
      Map<String, Object> node = new LinkedHashMap<>();
      node.put("driver", "nbd");
      node.put("node-name", "disk-" + disk.id());
      node.put("server", Map.of("type", "unix", "path", "/proc/self/fd/" + table.disk(disk.id())));
      node.put("export", disk.export());
      node.put("reconnect-delay", RECONNECT_SECONDS);
      node.put("read-only", disk.readOnly());
      node.put("discard", "unmap");
      add("-blockdev", Json.write(node));
      add(
          "-device",
          "virtio-blk-pci,drive=disk-"
              + disk.id()
              + ",serial="
              + disk.id()
              + GEOMETRY
              + ",rerror=stop,werror=stop");
    }
  }

  private void socket(String name) {
    add("-chardev", "socket,id=" + name + ",server=on,wait=off,path=" + inside(name + ".sock"));
  }

  private String inside(String name) {
    return RunFolder.inside(table.folder(), name);
  }

  private void add(List<String> values) {
    arguments.addAll(values);
  }

  private void add(String... values) {
    arguments.addAll(List.of(values));
  }
}
