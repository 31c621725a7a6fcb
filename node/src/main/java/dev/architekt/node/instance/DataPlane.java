package dev.architekt.node.instance;

import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.Hypervisor;
import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Pidfd;
import dev.architekt.migration.wire.BasePages;
import dev.architekt.mount.Collector;
import dev.architekt.mount.FuseConnections;
import dev.architekt.mount.FuseMount;
import dev.architekt.mount.MountOptions;
import dev.architekt.nbd.NbdServer;
import dev.architekt.network.NamespaceClaim;
import dev.architekt.network.Reachability;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One VM's data plane on this host, assembled: the local copies of its regions, the mount of its
 * RAM, the servers of its disks, its network namespace, its hypervisor process.
 *
 * <p>Built in the order of the fields below and closed in the opposite one. {@link #close} is for a
 * VM that has gone; {@link #release} leaves everything to a successor of this process. Methods
 * block in the kernel: platform threads only.
 */
public final class DataPlane implements AutoCloseable {
  /** The name of the RAM's region; it comes first, the disks follow in order. */
  public static final String MEMORY = "memory";

  static final String DRIVER = "qemu";
  private static final System.Logger LOG = System.getLogger(DataPlane.class.getName());
  private static final int USER_ID = 65534;

  private final Host host;
  private final InstanceSpec spec;
  private final Stores stores;
  private final BootPages base;
  private FuseMount mount;
  private Warming warming;
  private final Map<String, NbdServer> disks = new HashMap<>();
  private final Map<String, Fd> listeners = new HashMap<>();
  private InstanceNetwork network;
  private boolean rehearsed;
  private volatile Machine machine;
  private volatile MachineAdoption adopting;

  private DataPlane(Host host, InstanceSpec spec, Stores stores) {
    this.host = host;
    this.spec = spec;
    this.stores = stores;
    this.base =
        new BootPages(
            List.of(
                Blobs.path(host.state(), spec.kernelDigest()),
                Blobs.path(host.state(), spec.initramfsDigest())));
  }

  /** The pages of what it boots from, which every host that has the VM has. */
  public BasePages base() {
    return base;
  }

  /** Assembles everything but the machine, which {@link #boot} or {@link #startIncoming} starts. */
  public static DataPlane create(Host host, InstanceSpec spec, Stores stores) throws IOException {
    DataPlane plane = new DataPlane(host, spec, stores);
    try {
      Hypervisor.named(DRIVER).acquaint(host.qemu());
      plane.network = InstanceNetwork.begin(host, spec);
      plane.mountMemory();
      plane.warming = Warming.start(plane.mount, stores.memory());
      plane.serveDisks();
      plane.network.awaitClaim();
      return plane;
    } catch (IOException | RuntimeException e) {
      plane.closeAfter(e);
      throw e;
    }
  }

  /**
   * The hypervisor process that runs out of {@code state}, whoever started it; empty when there is
   * none.
   */
  public static Optional<MachineRecord> find(StateDirectory state) throws IOException {
    return Hypervisor.named(DRIVER).find(state.sockets());
  }

  /**
   * Takes over what a predecessor left running, in the order that cannot deadlock: FUSE first (the
   * predecessor may hang in its own fsync until it is served), then the disks, then the network.
   * The machine's monitor comes last and does not hold this up: it may be silent until a page comes
   * that the machine waits for ({@link #awaitMachine}).
   *
   * @throws dev.architekt.hypervisor.MachineGoneException when the machine was killed and only hung
   *     in the kernel; it has ended then
   */
  public static DataPlane adopt(Host host, InstanceSpec spec, Stores stores, MachineRecord record)
      throws IOException {
    DataPlane plane = new DataPlane(host, spec, stores);
    try (Pidfd process = Pidfd.open(record.process().pid())) {
      try {
        plane.adoptMount(process, record);
        plane.adoptDisks(process, record);
      } catch (LinuxException e) {
        // Of a process that is ending no descriptor can be had.
        throw e.errno() == Errno.ESRCH ? MachineAdoption.endOf(process, record) : e;
      }
      MachineAdoption.endIfKilled(process, record, plane.mount.connectionId());
      plane.network = InstanceNetwork.adopt(host, spec, process, record);
      plane.adopting = MachineAdoption.begin(DRIVER, record);
      return plane;
    } catch (IOException | RuntimeException e) {
      plane.release();
      throw e;
    }
  }

  /**
   * What is left of a VM whose hypervisor process is gone: its copies, which can be read. It has no
   * machine, no mount and no network.
   */
  public static DataPlane remains(Host host, InstanceSpec spec, Stores stores) {
    return new DataPlane(host, spec, stores);
  }

  private void mountMemory() throws IOException {
    mount = FuseMount.create(stores.memory(), mountOptions());
  }

  private static MountOptions mountOptions() {
    // 4 KiB of read-ahead: what is absent should be asked for page by page, and what is near comes
    // in the background.
    return MountOptions.defaults().withReadAheadKib(4).withOwner(USER_ID, USER_ID, 0600);
  }

  private void adoptMount(Pidfd process, MachineRecord record) throws IOException {
    int ram = record.descriptors().get(Descriptors.RAM);
    Path reopen = Path.of("/proc", Long.toString(process.pid()), "fd", Integer.toString(ram));
    mount =
        FuseMount.adopt(
            process.descriptor(record.descriptors().get(Descriptors.FUSE)),
            () -> Fd.open(reopen.toString(), Fd.O_RDWR, 0),
            stores.memory(),
            mountOptions());
  }

  private void serveDisks() throws IOException {
    for (InstanceSpec.Disk disk : spec.disks()) {
      serve(disk, DiskSockets.listen(host.state(), disk.name(), USER_ID));
    }
  }

  private void adoptDisks(Pidfd process, MachineRecord record) throws IOException {
    for (InstanceSpec.Disk disk : spec.disks()) {
      int listener = record.descriptors().get(Descriptors.listener(disk.name()));
      serve(disk, process.descriptor(listener));
    }
  }

  private void serve(InstanceSpec.Disk disk, Fd listener) throws IOException {
    listeners.put(disk.name(), listener);
    disks.put(disk.name(), DiskSockets.serve(listener, disk.name(), stores.disk(disk.name())));
  }

  /** Starts the machine at its firmware, paused. */
  public void boot() throws IOException {
    start(true);
  }

  /** Starts the machine waiting for device state. */
  public void startIncoming() throws IOException {
    start(false);
  }

  private void start(boolean fromFirmware) throws IOException {
    Map<String, Fd> held = new HashMap<>();
    held.put(Descriptors.FUSE, mount.device());
    listeners.forEach((name, listener) -> held.put(Descriptors.listener(name), listener));
    try (Fd ram = mount.openFile()) {
      Descriptors descriptors = new Descriptors(ram, Optional.of(claim().tap().fd()), held);
      Hypervisor driver = Hypervisor.named(DRIVER);
      machine =
          fromFirmware
              ? driver.boot(Machines.spec(host, spec), descriptors)
              : driver.prepareIncoming(Machines.spec(host, spec), descriptors);
    }
    claim().recordVm(machine.record().process());
    host.cgroup().limit(machine.record().process().pid(), host.limits());
  }

  /**
   * Begins to set the stable address up without telling anybody, if the instance has one.
   *
   * @param requireUnused fail if somebody else answers for it; for a new instance
   */
  public void beginAddress(boolean requireUnused) {
    network.beginAddress(requireUnused);
  }

  /** Waits for the end of {@link #beginAddress}, and fails as that failed. */
  public void awaitAddress() throws IOException {
    network.awaitAddress();
  }

  /** Sets the stable address up without telling anybody, if the instance has one. */
  public void prepareAddress() throws IOException {
    network.prepareAddress();
  }

  /** How clients reach the instance; empty without a stable address. */
  public Optional<Reachability> reachability() {
    return network == null ? Optional.empty() : network.reachability();
  }

  public Host host() {
    return host;
  }

  public InstanceSpec spec() {
    return spec;
  }

  public Stores stores() {
    return stores;
  }

  public FuseMount mount() {
    return mount;
  }

  public Collector collector() throws IOException {
    return mount.collector();
  }

  /** The VM's namespace; null of {@link #remains}. */
  public NamespaceClaim claim() {
    return network == null ? null : network.claim();
  }

  /**
   * The machine; null before it was started and after it was killed. Of an adopted plane: waits
   * until its monitor answers.
   */
  public Machine machine() {
    MachineAdoption pending = adopting;
    return machine == null && pending != null ? pending.join() : machine;
  }

  /** The adopted machine, if its monitor answers within the limit; it goes on being asked. */
  public Optional<Machine> awaitMachine(Duration limit) throws IOException, InterruptedException {
    return adopting == null ? Optional.ofNullable(machine) : adopting.await(limit);
  }

  /** Kills the machine and waits until its process is gone; pages it had dirty still arrive. */
  public void killMachine() throws IOException, InterruptedException {
    if (adopting != null) {
      machine = adopting.killUnlessHere(mount.connectionId()).orElse(null);
      adopting = null;
    }
    if (machine == null) {
      return;
    }
    MachineAdoption.kill(machine, mount.connectionId());
    machine.close();
    machine = null;
  }

  /**
   * Another machine that waits for device state, on a mount with nothing in its page cache. What
   * the first one has written to its RAM while it loaded must not reach the copy: its connection is
   * aborted before it is killed.
   */
  public void restartIncoming() throws IOException, InterruptedException {
    FuseConnections.abort(mount.connectionId(), machine().record().process().pid());
    killMachine();
    endWarming();
    mount.close();
    mount = null;
    mountMemory();
    warming = Warming.start(mount, stores.memory());
    claim().tap().placeDummy();
    startIncoming();
  }

  /** Waits a little for what is here already to be in the page cache of the RAM. */
  public void awaitWarm() throws InterruptedException {
    if (warming != null) {
      warming.await();
    }
  }

  /** Before a page that is here becomes absent again. */
  public void endWarming() throws InterruptedException {
    if (warming != null) { // null on an adopted plane
      warming.stop();
    }
  }

  /**
   * Lets the machine's driver rehearse once, in the background: nothing depends on it but speed.
   */
  public void rehearse() {
    Machine here = machine;
    if (here == null || rehearsed) {
      return;
    }
    rehearsed = true;
    Thread.ofPlatform()
        .daemon()
        .name("rehearsal-machine")
        .start(() -> {
          try {
            here.rehearse();
          } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "no rehearsal: {0}", e.getMessage());
          }
        });
  }

  /** Flushes all regions: what was written before survives the host. */
  public void flush() throws IOException {
    for (LocalStore store : stores.all()) {
      store.flush();
    }
  }

  /** Lets go of everything without ending it: a successor may adopt. */
  public void release() {
    if (adopting != null) {
      adopting.release();
    } else if (machine != null) {
      machine.close();
    }
    if (network != null) {
      network.detach();
    }
    for (NbdServer server : disks.values()) {
      try {
        server.release().close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "leaving a disk to a successor", e);
      }
    }
    if (mount != null) {
      mount.release();
    }
    stores.closeQuietly();
    base.closeQuietly();
  }

  /** Ends everything; the stores' files stay. The first failure is thrown after all was tried. */
  @Override
  public void close() throws IOException {
    Closing closing = new Closing();
    closing.run(this::endWarming);
    closing.run(this::killMachine);
    closing.run(host.cgroup()::remove);
    if (network != null) {
      closing.run(network::close);
    }
    disks.values().forEach(server -> closing.run(server::close));
    if (mount != null) {
      closing.run(mount::close);
    }
    closing.run(stores::close);
    closing.run(base::close);
    closing.run(() -> host.state().removeSockets());
    closing.finish();
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
