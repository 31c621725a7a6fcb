package dev.architekt.node.peer;

import dev.architekt.hypervisor.MachineEvent;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.hypervisor.MachineState;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Status;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.node.Addresses;
import dev.architekt.node.Facts;
import dev.architekt.node.Wiring;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One VM on this host, from its arrival to its departure:
 *
 * <pre>
 *   adopt what runs here already  ─┐
 *   or start it from a package    ─┼─▶  run it, offer it  ─▶  hand it over, or stop it
 *   or take it over from a peer   ─┘
 * </pre>
 */
public final class Peer {
  private static final long GRACE_SECONDS = 30;

  private final PeerOptions options;
  private final dev.architekt.node.Output output;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private StateDirectory state;
  private Host host;
  private WireOptions wire;
  private AuthorityFile authority;
  private volatile TakeOver takeOver;
  private volatile HandOver handOver;
  private volatile BlobClient registry;
  private StatusFile statusFile;
  private boolean unknownSaid;

  public Peer(PeerOptions options, dev.architekt.node.Output output) {
    this.options = options;
    this.output = output;
  }

  /** Runs until the VM has gone elsewhere or was stopped; the exit status. */
  public int run() throws Exception {
    TakeOver.strategy(options.strategy());
    InetSocketAddress laddr = Addresses.local("--laddr", options.laddr());
    state = StateDirectory.open(options.directory());
    Owner.claim(state);
    host =
        new Host(
            state,
            options.qemu(),
            options.namespacePrefix(),
            options.hostVeths(),
            options.namespaceVeths(),
            options.uplink(),
            output);
    statusFile = new StatusFile(state);
    wire = Wiring.options(options.name(), options.tlsDirectory());
    Thread hook = Thread.ofPlatform().name("peer-signal").unstarted(this::stopAndWait);
    Runtime.getRuntime().addShutdownHook(hook);
    try (AuthorityFile record = AuthorityFile.open(state)) {
      authority = record;
      return live(laddr);
    } finally {
      statusFile.remove();
      Owner.release(state);
      ended.countDown();
    }
  }

  /** Ctrl-C or SIGTERM: ends the VM, or lets a move that cannot be undone any more finish first. */
  private void stopAndWait() {
    stopAsked.countDown();
    TakeOver taking = takeOver;
    if (taking != null) {
      taking.cancel("stopped at the destination");
    }
    try {
      if (!ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        output.event(
            "slow-end", "not ended within " + GRACE_SECONDS + " s; the next start cleans up");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int live(InetSocketAddress laddr) throws Exception {
    Optional<Arrival> found = adopt();
    Arrival arrival = found.isPresent() ? found.get() : arrive();
    if (arrival == null) {
      return 1;
    }
    return offer(arrival, laddr);
  }

  /** A VM that runs here, and the core that will offer it. */
  private record Arrival(
      DataPlane plane, Function<SourceConfig, SourceCore> cores, Runnable afterwards) {}

  // --- what is here already
  // -----------------------------------------------------------------------

  private Optional<Arrival> adopt() throws Exception {
    Optional<MachineRecord> machine = DataPlane.find(state);
    Optional<byte[]> description = state.read("instance.json");
    if (machine.isEmpty() || description.isEmpty()) {
      removeLeftovers();
      return Optional.empty();
    }
    InstanceSpec spec = InstanceSpec.fromJson(description.get(), state + "/instance.json");
    Authority record = authority.authority();
    JournalEntry journal = authority.journal();
    output.event(
        "adopting",
        "a VM of this directory runs already (pid "
            + machine.get().process().pid()
            + "): going on with it",
        "pid",
        machine.get().process().pid());
    Stores stores = Stores.open(host, spec);
    DataPlane plane;
    try {
      plane = DataPlane.adopt(host, spec, stores, machine.get());
    } catch (dev.architekt.hypervisor.MachineGoneException e) {
      output.event("machine-gone", "that VM was ending; removing what is left of it");
      removeLeftovers();
      return Optional.empty();
    }
    MachineFound state = found(plane);
    return switch (record) {
      case Authority.Running running -> Optional.of(asSource(plane, running, journal, state));
      case Authority.Granted granted -> Optional.of(asSource(plane, granted, journal, state));
      case Authority.Released released -> Optional.of(asSource(plane, released, journal, state));
      case Authority.Accepted accepted ->
          Optional.of(asDestination(plane, accepted, journal, state));
      case Authority.None none -> {
        discard(plane);
        yield Optional.empty();
      }
      case Authority.Declined declined -> {
        discard(plane);
        yield Optional.empty();
      }
    };
  }

  private static MachineFound found(DataPlane plane) {
    MachineState state = plane.machine().state();
    return switch (state) {
      case RUNNING -> MachineFound.RUNNING;
      case PAUSED, INCOMING, IO_ERROR, STOPPED -> MachineFound.PAUSED;
      case DEAD -> MachineFound.GONE;
    };
  }

  private Arrival asSource(
      DataPlane plane, Authority record, JournalEntry journal, MachineFound found) {
    output.event(
        "running",
        "instance "
            + plane.spec().id()
            + " adopted; this host reaches it at "
            + localAddress(plane),
        "instance",
        plane.spec().id(),
        "localAddress",
        localAddress(plane),
        "address",
        plane.spec().address());
    return new Arrival(
        plane,
        config -> SourceCore.recover(config, record, journal, found),
        () -> fetchWhatIsMissing(plane));
  }

  /**
   * A predecessor may have been killed while it fetched from a registry; readers wait for what is
   * missing.
   */
  private void fetchWhatIsMissing(DataPlane plane) {
    try {
      Optional<byte[]> source = state.read(PackageStart.SOURCE);
      if (plane.stores().absentPages() == 0 || source.isEmpty()) {
        return;
      }
      String raddr = new String(source.get(), StandardCharsets.UTF_8);
      registry =
          new BlobClient(
              Addresses.remote(PackageStart.SOURCE, raddr),
              wire,
              PackageStart.LANES,
              Wiring.WINDOW_BYTES,
              options.resumeTimeout().toSeconds());
      output.event(
          "fetching",
          plane.stores().absentPages() + " pages are still at " + raddr + ": fetching them");
      new PackageStart(host, options, authority, registry).goOn(plane);
    } catch (IOException e) {
      output.event(
          "fetch-failed",
          "warning: "
              + e.getMessage()
              + "; the VM waits when it touches what is missing. Bring that"
              + " registry back and start this peer again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Arrival asDestination(
      DataPlane plane, Authority.Accepted accepted, JournalEntry journal, MachineFound found)
      throws Exception {
    String source =
        new String(
            state
                .read(PackageStart.SOURCE)
                .orElseThrow(() ->
                    new IOException(state + " does not say where the VM's missing pages are")),
            StandardCharsets.UTF_8);
    List<RegionInfo> regions = new ArrayList<>();
    List<PageBitmap> missing = new ArrayList<>();
    List<LocalStore> stores = plane.stores().all();
    for (int i = 0; i < stores.size(); i++) {
      LocalStore store = stores.get(i);
      regions.add(
          new RegionInfo(
              plane.stores().names().get(i),
              i == 0 ? RegionInfo.Kind.MEMORY : RegionInfo.Kind.DISK,
              store.pages()));
      PageBitmap absent = new PageBitmap(store.pages());
      absent.setAll();
      store.present().runs().forEach(run -> absent.clear(run.first(), run.count()));
      missing.add(absent);
    }
    TakeOver going =
        TakeOver.recover(
            host,
            options,
            Addresses.remote("source.txt", options.raddr().orElse(source)),
            wire,
            authority,
            accepted.session(),
            new Recovered(accepted, journal, found, regions, missing),
            plane);
    return takenOver(going);
  }

  /** Nothing runs: what a predecessor left is removed. The copies stay, they may be lineage. */
  private void removeLeftovers() throws IOException {
    state.removeSockets();
    NamespaceClaims.machineWide().sweep();
    switch (authority.authority()) {
      case Authority.Running running -> {
        output.event(
            "machine-lost",
            "the VM that ran here under epoch "
                + running.epoch()
                + " is gone (its process ended); removed what was left of it");
        authority.write(new Authority.None());
        authority.write(JournalEntry.NOTHING);
        Stores.deleteAll(state);
      }
      case Authority.Granted granted ->
          throw new IOException(
              "this host granted the VM to another under epoch "
                  + granted.epoch()
                  + " and its process is gone here; if it runs there it goes on, otherwise the copies in "
                  + state
                  + "/regions are what is left. Delete the directory to start anew");
      case Authority.Accepted accepted -> {
        output.event(
            "machine-lost",
            "the VM that this host had accepted under epoch " + accepted.epoch() + " is gone");
        authority.write(new Authority.None());
        authority.write(JournalEntry.NOTHING);
        Stores.deleteAll(state);
      }
      case Authority.None none -> authority.write(JournalEntry.NOTHING);
      case Authority.Declined declined -> authority.write(JournalEntry.NOTHING);
      case Authority.Released released -> authority.write(JournalEntry.NOTHING);
    }
  }

  private void discard(DataPlane plane) throws IOException {
    output.event("discarded", "removed a VM that was prepared here and never ran");
    plane.close();
    authority.write(JournalEntry.NOTHING);
  }

  // --- what comes from elsewhere
  // ------------------------------------------------------------------

  private Arrival arrive() throws Exception {
    String raddr =
        options
            .raddr()
            .orElseThrow(() ->
                new IOException(
                    "no VM runs out of "
                        + state
                        + ", so there is nothing to go on with: name a registry or a peer with"
                        + " --raddr HOST:PORT"));
    InetSocketAddress remote = Addresses.remote("--raddr", raddr);
    BlobClient client =
        new BlobClient(
            remote,
            wire,
            PackageStart.LANES,
            Wiring.WINDOW_BYTES,
            options.resumeTimeout().toSeconds());
    Message.Description description;
    try {
      description = client.describe();
    } catch (IOException | InterruptedException e) {
      client.close();
      throw e;
    }
    if (Facts.isPackage(description.facts())) {
      registry = client;
      return fromPackage(client, description);
    }
    client.close();
    return takenOver(TakeOver.begin(host, options, remote, wire, authority));
  }

  private Arrival fromPackage(BlobClient client, Message.Description description) throws Exception {
    InstanceSpec template = Facts.spec(description, client.origin());
    Compatibility.requireAccelerator(template, options.accelerator());
    PackageStart start = new PackageStart(host, options, authority, client);
    DataPlane plane;
    try {
      plane = start.start(description, template);
    } catch (Exception e) {
      client.close();
      throw e;
    }
    return new Arrival(
        plane,
        config -> new SourceCore(config, new Authority.Running(PackageStart.FIRST_EPOCH)),
        () -> start.fetchRest(plane));
  }

  private Arrival takenOver(TakeOver going) throws Exception {
    takeOver = going;
    try (going) {
      Optional<DataPlane> plane = going.run();
      takeOver = null;
      long epoch = authority.authority().epoch();
      return plane
          .map(here ->
              new Arrival(
                  here, config -> new SourceCore(config, new Authority.Running(epoch)), () -> {}))
          .orElse(null);
    }
  }

  // --- while it runs
  // ------------------------------------------------------------------------------

  private int offer(Arrival arrival, InetSocketAddress laddr) throws Exception {
    DataPlane plane = arrival.plane();
    CountDownLatch gone = new CountDownLatch(1);
    plane
        .machine()
        .onEvent(event -> {
          if (event instanceof MachineEvent.Exit || event instanceof MachineEvent.Shutdown) {
            gone.countDown();
          } else {
            output.event("machine", "the VM: " + event);
          }
        });
    try (HandOver offering = HandOver.open(host, plane, authority, arrival.cores(), laddr, wire)) {
      handOver = offering;
      output.event(
          "listening",
          "other peers may take it over at " + offering.address() + "; Ctrl-C stops the VM",
          "port",
          offering.address().getPort());
      arrival.afterwards().run();
      return attend(offering, plane, gone);
    } finally {
      handOver = null;
      if (registry != null) {
        registry.close();
      }
    }
  }

  private int attend(HandOver offering, DataPlane plane, CountDownLatch gone) throws Exception {
    while (true) {
      if (offering.handedOver().isDone()) {
        output.event("handed-over", "handed over: another host runs the VM and has all of it");
        return 0;
      }
      if (gone.getCount() == 0 && !handingOver(offering)) {
        output.event("machine-ended", "the VM has ended by itself; removing it from this host");
        end(plane);
        return 1;
      }
      if (stopAsked.getCount() == 0 && mayStop(offering)) {
        output.event("stopping", "stopping the VM");
        end(plane);
        return 0;
      }
      say(offering.status(), plane);
      stopAsked.await(stopAsked.getCount() == 0 ? 0 : 100, TimeUnit.MILLISECONDS);
      TimeUnit.MILLISECONDS.sleep(stopAsked.getCount() == 0 ? 100 : 0);
    }
  }

  private void say(Status status, DataPlane plane) throws IOException {
    statusFile.write("source", status, plane);
    if (status.deliveryUnknown() != unknownSaid) {
      unknownSaid = status.deliveryUnknown();
      output.event(
          unknownSaid ? "delivery-unknown" : "delivery-known",
          status.text(),
          "epoch",
          status.epoch());
    }
  }

  private boolean handingOver(HandOver offering) {
    return switch (offering.status().phase()) {
      case "RUNNING", "COPYING", "LOST" -> false;
      default -> true;
    };
  }

  /**
   * Before the grant a move is cancelled first; after it, this side must serve until the other has
   * everything.
   */
  private boolean mayStop(HandOver offering) {
    return switch (offering.status().phase()) {
      case "RUNNING", "LOST" -> true;
      case "COPYING", "SWITCHING" -> {
        offering.cancel("the source was stopped");
        yield false;
      }
      default -> false;
    };
  }

  private void end(DataPlane plane) throws IOException {
    plane.close();
    Stores.deleteAll(state);
    authority.write(new Authority.None());
    authority.write(JournalEntry.NOTHING);
    state.delete("instance.json");
    state.delete(PackageStart.SOURCE);
  }

  /** Where this host alone reaches the VM. */
  static String localAddress(DataPlane plane) {
    return plane.claim().localAddress().getHostAddress();
  }
}
