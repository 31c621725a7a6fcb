package dev.architekt.node.peer;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Outcome;
import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Status;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Hello;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkAcceptor;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireException;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Facts;
import dev.architekt.node.engine.Core;
import dev.architekt.node.engine.CoreShell;
import dev.architekt.node.engine.Rehearsal;
import dev.architekt.node.engine.SourceActions;
import dev.architekt.node.identity.Security;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.LocalStore;
import dev.architekt.region.Region;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Offers the VM that runs here to whoever may take it: the source's side of migrations, one after
 * another until one succeeds. Readers get what is no secret: the description, the kernel, the
 * initial RAM disk.
 */
final class HandOver implements AutoCloseable {
  private final Host host;
  private final Security security;
  private final DataPlane plane;
  private final SourceCore core;
  private final CoreShell shell;
  private final Optional<Listener> listener;
  private volatile boolean leaving;
  private volatile boolean taken;
  private final List<BlobRegion> blobs = new ArrayList<>();
  private final CompletableFuture<Void> handedOver = new CompletableFuture<>();
  private volatile boolean interrupted;

  private HandOver(
      Host host,
      DataPlane plane,
      AuthorityFile authority,
      Function<SourceConfig, SourceCore> cores,
      Optional<InetSocketAddress> address,
      Security security,
      WireOptions wire,
      long bytesPerSecondMost)
      throws IOException {
    this.host = host;
    this.security = security;
    this.plane = plane;
    SourceConfig config = config(plane).withLimit(bytesPerSecondMost);
    this.core = cores.apply(config);
    this.shell =
        new CoreShell(
            "source",
            Core.of(core),
            new SourceActions(plane, authority, this::notice, this::finished));
    ReadService blobs = blobService(plane, config);
    this.listener =
        address.isPresent()
            ? Optional.of(Listener.open(address.get(), wire, this::judge, new Arrivals(blobs)))
            : Optional.empty();
    Rehearsal.begin(host.state().file("rehearsal"), wire);
    plane.rehearse();
    shell.start();
    shell.feed(new Event.Tick());
  }

  /**
   * Starts to listen, if there is an address; {@code cores} makes the protocol core, fresh or
   * recovered. Ports come last in an adoption.
   *
   * @param bytesPerSecondMost what a move may send a second; 0 for as much as the line carries
   */
  static HandOver open(
      Host host,
      DataPlane plane,
      AuthorityFile authority,
      Function<SourceConfig, SourceCore> cores,
      Optional<InetSocketAddress> address,
      Security security,
      WireOptions wire,
      long bytesPerSecondMost)
      throws IOException {
    return new HandOver(host, plane, authority, cores, address, security, wire, bytesPerSecondMost);
  }

  private static SourceConfig config(DataPlane plane) {
    List<RegionInfo> regions = new ArrayList<>();
    List<String> names = plane.stores().names();
    List<LocalStore> stores = plane.stores().all();
    for (int i = 0; i < stores.size(); i++) {
      regions.add(
          new RegionInfo(
              names.get(i),
              i == 0 ? RegionInfo.Kind.MEMORY : RegionInfo.Kind.DISK,
              stores.get(i).pages()));
    }
    InstanceSpec spec = plane.spec();
    Map<String, String> facts = new HashMap<>();
    facts.put(Facts.KIND, Facts.INSTANCE);
    facts.put(Facts.SPEC, Facts.json(spec));
    return SourceConfig.of(
        UUID.fromString(spec.id()), facts, regions, spec.stableAddress().orElse(""));
  }

  private ReadService blobService(DataPlane plane, SourceConfig config) throws IOException {
    InstanceSpec spec = plane.spec();
    Map<String, String> facts = new HashMap<>(config.facts());
    List<RegionInfo> infos = new ArrayList<>();
    List<Region> regions = new ArrayList<>();
    for (Map.Entry<String, String> blob :
        Map.of("kernel", spec.kernelDigest(), "initramfs", spec.initramfsDigest()).entrySet()) {
      BlobRegion content = new BlobRegion(Blobs.path(plane.host().state(), blob.getValue()));
      blobs.add(content);
      facts.put(Facts.BYTES + blob.getKey(), Long.toString(content.size()));
      infos.add(
          new RegionInfo(
              blob.getKey(),
              RegionInfo.Kind.DISK,
              (content.size() + Bounds.PAGE_BYTES - 1) / Bounds.PAGE_BYTES));
      regions.add(content);
    }
    return new ReadService(
        new Message.Description(config.instance(), 0, facts, infos, config.address()), regions);
  }

  private Authorizer.Verdict judge(Hello hello, dev.architekt.migration.wire.Peer peer) {
    InstanceSpec spec = plane.spec();
    String wanted = hello.subject();
    if (!wanted.isEmpty() && !wanted.equals(spec.name()) && !wanted.equals(spec.id())) {
      return new Authorizer.Verdict.Refuse(
          Refusal.UNKNOWN_SUBJECT,
          "the VM here is " + spec.name() + " (" + spec.id() + "), not \"" + wanted + "\"");
    }
    if (leaving && hello.right() == Right.TAKE) {
      return new Authorizer.Verdict.Refuse(
          Refusal.NOT_AUTHORIZED, "this peer has been asked to end, and suspends or stops the VM");
    }
    return switch (hello.right()) {
      case DESCRIBE, READ, TAKE -> security.judge(hello, peer);
      case CANCEL ->
          new Authorizer.Verdict.Refuse(
              Refusal.NOT_AUTHORIZED,
              "only the destination may cancel its own take-over; stop the destination's process");
    };
  }

  private final class Arrivals implements LinkAcceptor {
    private final ReadService blobs;

    Arrivals(ReadService blobs) {
      this.blobs = blobs;
    }

    @Override
    public LinkHandler up(Link link) {
      if (link.hello().right() != Right.TAKE) {
        return blobs.up(link);
      }
      taken = true;
      return shell.up(link);
    }

    @Override
    public void failed(WireException cause, Duration next) {
      host.output()
          .event(
              "turned-away", "turned away: " + cause.getMessage(), "message", cause.getMessage());
    }
  }

  private void notice(Effect.Notice notice) {
    if (notice.reason() == Reason.ALREADY_GRANTED && interrupted) {
      host.output()
          .event(
              "not-cancelled",
              "too late to cancel: the VM was granted to another host, which runs it or is about to."
                  + " This process serves what is still missing there, and ends by itself",
              "epoch",
              status().epoch());
      return;
    }
    host.output()
        .event("notice", notice.text() + " (" + notice.reason() + ")", "reason", notice.reason());
  }

  private void finished(Effect.Finished finished) {
    if (finished.outcome() == Outcome.MOVED) {
      handedOver.complete(null);
    } else {
      interrupted = false; // the next one is about the next move, or the VM
      host.output()
          .event(
              "stayed",
              "the VM stays here: " + finished.text() + " (" + finished.reason() + ")",
              "reason",
              finished.reason());
    }
  }

  /** Completes when another host has the VM, all of it. */
  CompletableFuture<Void> handedOver() {
    return handedOver;
  }

  Status status() {
    return shell.status();
  }

  /** Whether a destination is at the other end of a link. */
  boolean linked() {
    return shell.linked();
  }

  /** Whether the destination has heard the end, and has hung up. */
  boolean hungUp() {
    return core.releasedSaid() && shell.hungUp();
  }

  /** The hypervisor process has ended by itself. */
  void machineGone() {
    shell.feed(new Event.MachineGone());
  }

  /** Where it listens; fails when it does not. */
  InetSocketAddress address() throws IOException {
    return listener.orElseThrow(() -> new IOException("nobody is offered this VM")).address();
  }

  /** Nobody may begin to take it over from here on. */
  void refuseOthers() {
    leaving = true;
  }

  void cancel(String why) {
    shell.feed(new Event.Cancel(why));
  }

  /**
   * A signal came. Ctrl-C during a move is about the move: before the grant the VM stays and runs
   * on here. Every other signal is about the VM.
   *
   * @return whether it was about the move, which had not been told before
   */
  boolean interrupted(Signals.Kind kind) {
    // What a restart undoes by itself is no move that anybody could call off.
    boolean moving =
        taken
            && switch (status().phase()) {
              case "RUNNING", "LOST", "RESTORING" -> false;
              default -> true;
            };
    if (kind != Signals.Kind.INT || !moving || interrupted) {
      return false;
    }
    interrupted = true;
    host.output()
        .event(
            "cancelling", kind.said() + ": cancelling the move; once more, and it is about the VM");
    cancel(kind.said() + " at the source");
    return true;
  }

  @Override
  public void close() throws IOException {
    shell.close();
    if (listener.isPresent()) {
      listener.get().close();
    }
    blobs.forEach(BlobRegion::close);
  }
}
