package dev.architekt.bench.lab;

import dev.architekt.cli.lab.Shell;
import dev.architekt.hypervisor.qemu.QmpClient;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.linux.Processes;
import dev.architekt.network.InstanceAddress;
import dev.architekt.network.MacAddress;
import dev.architekt.network.NamespaceClaim;
import dev.architekt.network.VmNetwork;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A QEMU as somebody without us would run it: anonymous RAM, a disk image in a file, the devices of
 * our guests. Only the network is ours: a claimed namespace with its tap, and a stable address.
 *
 * <p>It does not end with this process by itself; {@link #close} ends it.
 */
public final class PlainQemu implements AutoCloseable {
  /** How clients reach it. */
  public static final String ADDRESS = "10.77.0.51";

  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final long START_MILLIS = 20_000;
  private static final long END_MILLIS = 10_000;

  private final NamespaceClaim claim;
  private final Path log;
  private final Pidfd process;
  private final QmpClient qmp;
  private final double startMs;

  private PlainQemu(NamespaceClaim claim, Path log, Pidfd process, QmpClient qmp, double startMs) {
    this.claim = claim;
    this.log = log;
    this.process = process;
    this.qmp = qmp;
    this.startMs = startMs;
  }

  /**
   * What to run.
   *
   * @param binary the program
   * @param spec machine, processor, memory and command line: those of the guest it is compared with
   * @param image kernel and initial RAM disk
   * @param disk a copy of the image's disk, which this machine writes to
   * @param address how clients reach it, with the segment's prefix length
   */
  public record Settings(
      Path binary, InstanceSpec spec, GuestImage image, Path disk, String address) {

    /** The same guest as {@code spec}, on a fresh copy of the image's disk. */
    public static Settings beside(InstanceSpec spec, Rig rig, Path binary, GuestImage image)
        throws IOException, InterruptedException {
      Path disk = rig.folder().resolve("disk.raw");
      Shell.run("cp", "--sparse=always", image.disk().toString(), disk.toString());
      return new Settings(binary, spec, image, disk, ADDRESS + "/24");
    }
  }

  /**
   * Starts one on host {@code node} and waits until it answers.
   *
   * @param incoming whether it waits for a migration, or boots
   * @param events what is told about QEMU's events, on a thread that reads them
   */
  public static PlainQemu start(
      Rig rig, int node, Settings settings, boolean incoming, QmpClient.Listener events)
      throws IOException {
    VmNetwork network =
        VmNetwork.defaults().withGuestMac(MacAddress.parse(settings.spec().guestMac()));
    NamespaceClaim claim = rig.claims(node).claim(network, Optional.of("eth0"));
    try {
      claim.reachability().prepare(InstanceAddress.parse(settings.address()));
      Path folder = Files.createTempDirectory(rig.folder(), "qemu-");
      return launch(rig.node(node), folder, claim, settings, incoming, events);
    } catch (IOException | RuntimeException e) {
      try {
        claim.close();
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  private static PlainQemu launch(
      Fd node,
      Path folder,
      NamespaceClaim claim,
      Settings settings,
      boolean incoming,
      QmpClient.Listener events)
      throws IOException {
    long began = System.nanoTime();
    Path log = folder.resolve("qemu.log");
    List<String> command = arguments(settings, folder, Processes.inheritedNumber(0), incoming);
    Map<String, String> environment =
        new HashMap<>(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
    long pid =
        Namespaces.inNetwork(
            node,
            "bench-qemu",
            () -> Processes.spawnSession(command, environment, log, List.of(claim.tap().fd())));
    Pidfd process = Pidfd.open(pid);
    try {
      claim.recordVm(ProcessIdentity.of(pid));
      QmpClient qmp = connect(process, log, folder.resolve("qmp.sock"), events);
      return new PlainQemu(claim, log, process, qmp, (System.nanoTime() - began) / 1e6);
    } catch (IOException | RuntimeException e) {
      process.signal(Pidfd.SIGKILL);
      process.awaitEnd(END_MILLIS);
      Processes.reap(pid);
      process.close();
      throw e;
    }
  }

  private static QmpClient connect(Pidfd process, Path log, Path socket, QmpClient.Listener events)
      throws IOException {
    long deadline = System.nanoTime() + START_MILLIS * 1_000_000;
    while (true) {
      try {
        if (Files.exists(socket)) {
          return QmpClient.connect("QEMU", UnixDomainSocketAddress.of(socket), events, ANSWER);
        }
      } catch (IOException e) {
        // It listens a moment after the file is there.
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      if (process.awaitEnd(2)) {
        throw new IOException("QEMU ended at once: " + Files.readString(log).strip());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("QEMU does not answer: " + Files.readString(log).strip());
      }
    }
  }

  private static List<String> arguments(Settings settings, Path folder, int tap, boolean incoming) {
    InstanceSpec spec = settings.spec();
    List<String> line = new ArrayList<>();
    line.addAll(List.of(settings.binary().toString(), "-name", "bench", "-uuid", spec.id()));
    line.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    line.addAll(List.of("-m", (spec.memoryBytes() >> 20) + "M", "-accel", spec.accelerator()));
    // The same board and devices as our driver's machines, so that the guest has as much to do.
    line.addAll(
        List.of(
            "-M",
            spec.machineType() + ",vmport=off,smbus=off,sata=off,usb=off,i8042=off,graphics=off"));
    line.addAll(List.of("-cpu", spec.cpuModel(), "-smp", Integer.toString(spec.cpus())));
    line.addAll(List.of("-kernel", settings.image().kernel().toString()));
    line.addAll(List.of("-initrd", settings.image().initramfs().toString()));
    line.addAll(
        List.of(
            "-append",
            "console=ttyS0 tsc=reliable no_timer_check net.ifnames=0 " + spec.commandLine()));
    line.addAll(
        List.of("-chardev", "socket,id=qmp,server=on,wait=off,path=" + folder.resolve("qmp.sock")));
    line.addAll(List.of("-mon", "chardev=qmp,mode=control"));
    line.addAll(List.of("-chardev", "file,id=console,path=" + folder.resolve("console.log")));
    line.addAll(List.of("-serial", "chardev:console"));
    line.addAll(List.of("-device", "virtio-serial-pci,id=serial0,max_ports=2"));
    line.addAll(
        List.of(
            "-chardev",
            "socket,id=agent,server=on,wait=off,path=" + folder.resolve("agent.sock"),
            "-device",
            "virtserialport,bus=serial0.0,nr=1,chardev=agent,name=org.qemu.guest_agent.0"));
    line.addAll(List.of("-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0"));
    line.addAll(List.of("-netdev", "tap,id=net0,vhost=off,fd=" + tap));
    line.addAll(List.of("-device", "virtio-net-pci,netdev=net0,romfile=,mac=" + spec.guestMac()));
    line.addAll(
        List.of(
            "-blockdev",
            "driver=raw,node-name=disk,discard=unmap,file.driver=file,file.filename="
                + settings.disk()));
    line.addAll(List.of("-device", "virtio-blk-pci,drive=disk,cyls=16383,heads=16,secs=63"));
    if (incoming) {
      line.addAll(List.of("-incoming", "defer"));
    }
    return line;
  }

  /** A QMP command and its answer. */
  public Map<String, Object> execute(String command, Map<String, ?> arguments) throws IOException {
    return qmp.execute(command, arguments, ANSWER);
  }

  public NamespaceClaim claim() {
    return claim;
  }

  /** From the start of the process to its first answer, in milliseconds. */
  public double startMs() {
    return startMs;
  }

  public long pid() {
    return process.pid();
  }

  /** What QEMU itself has printed. */
  public String lastWords() throws IOException {
    return Files.readString(log).strip();
  }

  @Override
  public void close() throws IOException {
    qmp.close();
    try {
      process.signal(Pidfd.SIGKILL);
    } catch (LinuxException e) {
      // It has ended by itself and was reaped.
    }
    process.awaitEnd(END_MILLIS);
    Processes.reap(process.pid());
    process.close();
    claim.reachability().release();
    claim.close();
  }
}
