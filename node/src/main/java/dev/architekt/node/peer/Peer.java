package dev.architekt.node.peer;

import dev.architekt.hypervisor.MachineEvent;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Nice;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Status;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Addresses;
import dev.architekt.node.Facts;
import dev.architekt.node.LogFile;
import dev.architekt.node.Output;
import dev.architekt.node.Wiring;
import dev.architekt.node.identity.Security;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Owner;
import dev.architekt.node.instance.StatusFile;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One VM on this host, from its arrival to its departure:
 *
 * <pre>
 *   adopt what runs here already  ─┐
 *   or start it from a package    ─┼─▶  run it, offer it  ─▶  hand it over, or stop it
 *   or take it over from a peer   ─┘                     or suspend it
 * </pre>
 */
public final class Peer {
  /** The file of a peer's directory that keeps what it has said last. */
  public static final String LOG = "peer.log";

  /** No exit status, but that the VM is to be suspended once it is offered no more. */
  private static final OptionalInt SUSPEND = OptionalInt.of(-1);

  /** Inherited by all threads that serve. */
  private static final int SERVING_NICE = -10;

  /** The phases in which the VM is this host's, and its hypervisor must obey. */
  private static final Set<String> MANAGED = Set.of("RUNNING", "COPYING", "SWITCHING", "REVOKING");

  private static final long HANG_UP_NANOS = 2_000_000_000L;
  private static final long DIAL_NANOS = 5_000_000_000L;
  private static final long WORTH_TELLING_NANOS = 2_000_000_000L;

  private final PeerOptions options;
  private final Output output;
  private Stopping stopping;
  private StateDirectory state;
  private Host host;
  private Security security;
  private WireOptions wire;
  private AuthorityFile authority;
  private StatusFile statusFile;
  private final Lasting unknown = new Lasting(WORTH_TELLING_NANOS);
  private final Lasting unmanageable = new Lasting(WORTH_TELLING_NANOS);
  private volatile MachineEvent unmanaged;
  private volatile boolean offering;
  private final Asking asking;
  private volatile Departure departure;

  public Peer(PeerOptions options, Output output) {
    this.options = options;
    this.output = output;
    this.asking = new Asking(output, options.resumeTimeout(), () -> stopping.asked());
  }

  /** A guest waits for whatever this process has in hand: it goes first. */
  private static void preferServing() {
    try {
      Nice.set(SERVING_NICE);
    } catch (LinuxException e) {
      System.getLogger(Peer.class.getName())
          .log(System.Logger.Level.DEBUG, "no priority: {0}", e.getMessage());
    }
  }

  /** Runs until the VM has gone elsewhere or was stopped; the exit status. */
  public int run() throws Exception {
    TakeOver.strategy(options.strategy());
    Optional<InetSocketAddress> laddr =
        options.laddr().isPresent()
            ? Optional.of(Addresses.local("--laddr", options.laddr().get()))
            : Optional.empty();
    preferServing();
    state = StateDirectory.open(options.directory());
    Owner.claim(state);
    new StopRequest(state.path()).withdraw();
    LogFile log = new LogFile(state.file(LOG));
    output.keep(log);
    host =
        new Host(
            state,
            options.qemu(),
            options.namespacePrefix(),
            options.hostVeths(),
            options.namespaceVeths(),
            options.uplink(),
            options.limits(),
            output);
    statusFile = new StatusFile(state);
    boolean leaves = Addresses.leaveHost(laddr, options.raddr());
    security = Security.open(options.security(), leaves, false, InstantSource.system(), output);
    wire = security.wire(Wiring.name(options.name()));
    if (laddr.isPresent()) {
      statusFile.fact("listens", Addresses.text(laddr.get()));
      statusFile.fact("wire", security.kind().toString());
    }
    try (Stopping asked = new Stopping(output, this::asked, this::suspending);
        AuthorityFile record = AuthorityFile.open(state)) {
      stopping = asked;
      authority = record;
      departure = new Departure(host, options.onStop(), authority, statusFile);
      int status = live(laddr);
      return asked.asked() && !departure.wasRequested() ? asked.status() : status;
    } catch (InterruptedException e) {
      return stopping.status();
    } catch (Exception e) {
      output.note("failed", String.valueOf(e.getMessage()));
      throw e;
    } finally {
      log.close();
      statusFile.remove();
      new StopRequest(state.path()).withdraw();
      Owner.release(state);
      if (departure != null && departure.leavesNothing()) {
        state.clear();
      }
    }
  }

  /** Asked to end, from a thread of its own: a VM that is here may be left as it is. */
  private void asked() {
    asking.interrupt();
    if (offering && departure.leaves()) {
      leave();
    }
  }

  private boolean suspending() {
    return departure != null && departure.busy();
  }

  /** As a {@code kill -9} would: nothing is let go of, the process just ends. */
  private void leave() {
    departure.sayLeft();
    Runtime.getRuntime().exit(stopping.status());
  }

  private int live(Optional<InetSocketAddress> laddr) throws Exception {
    Optional<Arrival> arrival =
        switch (new Adoption(host, options, wire, authority).find()) {
          case Adoption.Found.Here here -> Optional.of(here.arrival());
          case Adoption.Found.Going going -> takenOver(going.takeOver());
          case Adoption.Found.Unsettled unsettled -> {
            settle(unsettled.takeOver());
            yield stopping.asked() ? Optional.empty() : arrive(laddr);
          }
          case Adoption.Found.Nothing _ -> arrive(laddr);
        };
    return arrival.isPresent() ? offer(arrival.get(), laddr) : 1;
  }

  // --- what comes from elsewhere
  // --------------------------------------------------------------------

  private Optional<Arrival> arrive(Optional<InetSocketAddress> laddr) throws Exception {
    if (laddr.isPresent()) {
      Addresses.requireFree("--laddr", laddr.get());
    }
    PackageArrivals packages = new PackageArrivals(host, options, wire, authority, asking);
    Optional<Suspended> suspended = Suspended.read(state);
    if (suspended.isPresent()) {
      return Optional.of(packages.resumed(suspended.get()));
    }
    String raddr =
        options
            .raddr()
            .orElseThrow(() ->
                new IOException(
                    "no VM runs out of "
                        + state
                        + ", so there is nothing to go on with: name a registry or a peer with"
                        + " --raddr HOST:PORT"));
    BlobClient client = packages.dial("--raddr", raddr);
    Message.Description description;
    try {
      description = asking.ask(client);
    } catch (IOException | InterruptedException e) {
      client.close();
      throw e;
    }
    if (Facts.isPackage(description.facts())) {
      return Optional.of(packages.started(client, description, raddr));
    }
    InetSocketAddress source = Addresses.remote("--raddr", raddr);
    return takenOver(TakeOver.begin(host, options, source, wire, authority, client));
  }

  private void settle(TakeOver unsettled) throws Exception {
    try {
      takenOver(unsettled);
    } catch (StayedException e) {
      output.event("settled", e.getMessage());
    }
  }

  private Optional<Arrival> takenOver(TakeOver going) throws Exception {
    stopping.about(going::interrupted);
    try (going) {
      going.watch((status, plane) -> statusFile.write("destination", status, plane));
      Optional<DataPlane> plane = going.run();
      if (going.stopsAfterwards()) {
        stopping.ask();
      }
      long epoch = authority.authority().epoch();
      return plane.map(here ->
          Arrival.whole(here, config -> new SourceCore(config, new Authority.Running(epoch))));
    } catch (StayedException e) {
      if (!going.cancelled()) {
        throw e;
      }
      output.event("stopped", e.getMessage());
      stopping.ask();
      return Optional.empty();
    } finally {
      stopping.aboutNothing();
    }
  }

  // --- while it runs
  // --------------------------------------------------------------------------------

  private int offer(Arrival first, Optional<InetSocketAddress> laddr) throws Exception {
    Arrival arrival = first;
    while (true) {
      OptionalInt status = offerOnce(arrival, laddr);
      if (status.isPresent()) {
        return status.getAsInt();
      }
      arrival.plane().close();
      arrival = new Restoration(host, authority).restore();
    }
  }

  /** The exit status, or none when the VM's process has ended and can be made again. */
  private OptionalInt offerOnce(Arrival arrival, Optional<InetSocketAddress> laddr)
      throws Exception {
    DataPlane plane = arrival.plane();
    CountDownLatch gone = new CountDownLatch(plane.machine() == null ? 0 : 1);
    if (plane.machine() != null) {
      plane
          .machine()
          .onEvent(event -> {
            if (event instanceof MachineEvent.Exit || event instanceof MachineEvent.Shutdown) {
              gone.countDown();
            } else if (event instanceof MachineEvent.Unmanaged) {
              unmanaged = event; // as every end begins: told when it stays at that
            } else {
              output.event("machine", MachineWords.of(event));
            }
          });
    }
    try (HandOver offering =
        HandOver.open(
            host,
            plane,
            authority,
            arrival.cores(),
            laddr,
            security,
            wire,
            options.bytesPerSecondMost())) {
      sayOffered(offering, laddr.isPresent());
      this.offering = true;
      stopping.about(offering::interrupted);
      arrival.afterwards().run();
      OptionalInt status = attend(offering, plane, gone);
      if (status != SUSPEND) {
        return status;
      }
    } finally {
      stopping.aboutNothing();
      arrival.end().run();
    }
    return OptionalInt.of(departure.suspend(plane));
  }

  private void sayOffered(HandOver here, boolean listens) throws IOException {
    if (!listens) {
      output.event("ready", departure.said());
      return;
    }
    String what = "other peers may take it over at " + Addresses.text(here.address());
    security.sayListening(output, what, departure.said(), here.address());
  }

  private OptionalInt attend(HandOver offering, DataPlane plane, CountDownLatch gone)
      throws Exception {
    boolean goneSaid = false;
    while (true) {
      if (offering.handedOver().isDone()) {
        output.event("handed-over", "handed over: another host runs the VM and has all of it");
        linger(offering);
        return OptionalInt.of(0);
      }
      if (gone.getCount() == 0 && !goneSaid) {
        goneSaid = true;
        offering.machineGone();
      }
      if (offering.status().phase().equals("RESTORING")) {
        return OptionalInt.empty();
      }
      if (offering.status().phase().equals("LOST")) {
        output.event("machine-ended", "the VM has ended by itself; removing it from this host");
        departure.discard(plane);
        return OptionalInt.of(1);
      }
      if (stopping.asked() && departure.leaves()) {
        leave(); // asked while the VM was still on its way here
      }
      if (stopping.asked() && mayStop(offering) && departure.ready(plane)) {
        if (departure.kind() == StopPolicy.Kind.SUSPEND) {
          return SUSPEND;
        }
        output.event("stopping", "stopping the VM");
        departure.discard(plane);
        return OptionalInt.of(0);
      }
      say(offering.status(), plane);
      stopping.await(stopping.asked() ? 0 : 100);
      TimeUnit.MILLISECONDS.sleep(stopping.asked() ? 100 : 0);
    }
  }

  private void say(Status status, DataPlane plane) throws IOException {
    statusFile.write("source", status, plane);
    long now = System.nanoTime();
    switch (unknown.at(status.deliveryUnknown(), !status.linked(), now)) {
      case BEGAN -> output.event("delivery-unknown", status.text(), "epoch", status.epoch());
      case ENDED -> output.event("delivery-known", status.text(), "epoch", status.epoch());
      case NOTHING -> {}
    }
    boolean wanted = MANAGED.contains(status.phase());
    if (unmanageable.at(unmanaged != null && wanted, false, now) == Lasting.Tell.BEGAN) {
      output.event("machine", MachineWords.of(unmanaged));
    }
  }

  /**
   * The destination may not have heard yet that it has everything: it hangs up when it has, and
   * dials again if the link was lost just now.
   */
  private void linger(HandOver offering) throws InterruptedException {
    long began = System.nanoTime();
    while (!offering.hungUp() && !stopping.await(20)) {
      if (System.nanoTime() - began > (offering.linked() ? HANG_UP_NANOS : DIAL_NANOS)) {
        return;
      }
    }
  }

  /**
   * Nobody else may begin now. Before the grant a move is cancelled first; after it, this side must
   * serve until the other has everything.
   */
  private boolean mayStop(HandOver offering) {
    offering.refuseOthers();
    return switch (offering.status().phase()) {
      case "RUNNING", "LOST" -> true;
      case "COPYING", "SWITCHING" -> {
        offering.cancel("the source was stopped");
        yield false;
      }
      default -> false;
    };
  }

  /** Where this host alone reaches the VM. */
  static String localAddress(DataPlane plane) {
    return plane.claim().localAddress().getHostAddress();
  }
}
