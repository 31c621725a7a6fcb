package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PageSink;
import dev.architekt.node.Output;
import dev.architekt.node.PackageService;
import dev.architekt.node.Wiring;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A new instance from a package that a registry serves: its device state first, its RAM and disks
 * as they are touched, the rest in the background.
 */
final class PackageStart {
  /** The epoch of a new instance; what a package holds is older: epoch 0. */
  static final long FIRST_EPOCH = 1;

  /** The file that says where an instance's missing pages are. */
  static final String SOURCE = "source.txt";

  /**
   * How an instance is started.
   *
   * @param address under which clients reach it, if any
   * @param patience with the registry, and with the guest's agent
   * @param strict whether a guest that cannot do its part is a failure, and not a warning
   * @param recorder hears what is touched; then nothing is fetched that is not
   * @param identity of the instance that was suspended into the package and goes on, the same one
   *     under the next epoch; empty for a new one
   */
  record Manner(
      Optional<String> address,
      Duration patience,
      boolean strict,
      Optional<TouchTrace> recorder,
      Optional<SuspendedPackage.Identity> identity) {
    static Manner of(PeerOptions options, Optional<SuspendedPackage.Identity> identity) {
      return new Manner(
          options.address(), options.resumeTimeout(), false, Optional.empty(), identity);
    }
  }

  private final Host host;
  private final Manner manner;
  private final AuthorityFile authority;
  private final BlobClient registry;
  private final long firstEpoch;
  private final long began = System.nanoTime();
  private volatile DataPlane starting;
  private CompletableFuture<Void> rest;

  PackageStart(Host host, Manner manner, AuthorityFile authority, BlobClient registry) {
    this.host = host;
    this.manner = manner;
    this.firstEpoch = manner.identity().map(known -> known.epoch() + 1).orElse(FIRST_EPOCH);
    this.authority = authority;
    this.registry = registry;
  }

  /** Starts it; what is still absent comes while the guest runs. */
  DataPlane start(Message.Description description, InstanceSpec template)
      throws IOException, InterruptedException {
    Compatibility.requireRegions(template, description, description.regions().size());
    BlobFetch state = registry.fetch(description, PackageService.STATE);
    Optional<BlobFetch> trace = fetchTrace(description);
    registry.fetchBootFiles(description, template, host.state());
    InstanceSpec spec = identified(template);
    host.state().write("instance.json", spec.toJson());
    host.state().write(SOURCE, registry.origin().getBytes(StandardCharsets.UTF_8));
    Stores stores = Stores.create(host, spec, LocalStore.Start.ABSENT);
    fetchInto(stores, description, firstEpoch - 1);
    readAhead(trace, description, stores);
    DataPlane plane = DataPlane.create(host, spec, stores);
    starting = plane;
    try {
      plane.beginAddress(true);
      plane.startIncoming();
      plane
          .machine()
          .loadState(
              Guest.stateSource(state.await(manner.patience().toSeconds(), registry.origin())));
      state.close();
      plane.mount().seal();
      plane.awaitAddress();
      authority.write(new Authority.Running(firstEpoch));
      for (LocalStore store : stores.all()) {
        store.generation(firstEpoch);
      }
      NewInstance instance = new NewInstance(plane, manner.patience());
      if (manner.identity().isEmpty()) {
        instance.begin();
      }
      plane.machine().resume();
      if (rest == null && manner.recorder().isEmpty()) {
        // Before the agent is asked: a guest that waits for page after page does not answer in
        // time.
        rest = registry.remote().fetch(new AbsentPages(stores.all()));
      }
      settle(instance, plane);
      return plane;
    } catch (IOException | InterruptedException | RuntimeException e) {
      try {
        plane.close();
        Stores.deleteAll(host.state());
        authority.write(new Authority.None());
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  private void report(DataPlane plane) {
    host.output()
        .event(
            "running",
            "instance "
                + plane.spec().id()
                + " ("
                + plane.spec().name()
                + ") runs, resumed from "
                + registry.origin()
                + " after "
                + Output.millis(System.nanoTime() - began)
                + "; this host reaches it at "
                + Peer.localAddress(plane)
                + plane.spec().stableAddress().map(a -> ", everybody at " + a).orElse(""),
            "instance",
            plane.spec().id(),
            "epoch",
            firstEpoch,
            "localAddress",
            Peer.localAddress(plane),
            "address",
            plane.spec().address(),
            "startMs",
            (System.nanoTime() - began) / 1e6);
  }

  private void settle(NewInstance instance, DataPlane plane) throws IOException {
    if (manner.strict()) {
      try {
        instance.become();
        Guest.afterResume(plane);
      } catch (IOException e) {
        throw ResumeCheck.withConsole(e, plane);
      }
      instance.letIn();
      return;
    }
    if (manner.identity().isEmpty()) {
      instance.finish();
    } else {
      goOnAsItWas(instance, plane);
    }
    report(plane);
    try {
      Guest.afterResume(plane);
    } catch (IOException e) {
      host.output().event("agent-failed", "warning: " + e.getMessage());
    }
  }

  private InstanceSpec identified(InstanceSpec template) {
    return manner
        .identity()
        .map(known ->
            template.withIdentity(
                known.instance(), known.address().or(manner::address).orElse(null)))
        .orElseGet(() ->
            template.withIdentity(UUID.randomUUID().toString(), manner.address().orElse(null)));
  }

  /** Its clients know it; only time has passed. */
  private void goOnAsItWas(NewInstance instance, DataPlane plane) throws IOException {
    try {
      Guest.stepClock(plane);
    } catch (IOException e) {
      host.output().event("agent-failed", "warning: the guest's clock is late: " + e.getMessage());
    }
    instance.letIn();
  }

  /** The epoch under which what is started here runs. */
  long firstEpoch() {
    return firstEpoch;
  }

  /** Ends a start that goes on in another thread; that fails then. */
  void cancel() throws IOException {
    DataPlane plane = starting;
    if (plane != null && plane.machine() != null) {
      plane.machine().kill();
    }
  }

  private Optional<BlobFetch> fetchTrace(Message.Description description) throws IOException {
    boolean there =
        description.regions().stream().anyMatch(r -> r.name().equals(PackageService.TRACE));
    return there && manner.recorder().isEmpty()
        ? Optional.of(registry.fetch(description, PackageService.TRACE))
        : Optional.empty();
  }

  /** What was touched first the last time comes first, and at once. */
  private void readAhead(
      Optional<BlobFetch> fetched, Message.Description description, Stores stores)
      throws InterruptedException {
    if (fetched.isEmpty()) {
      return;
    }
    try (BlobFetch blob = fetched.get()) {
      byte[] text =
          blob.await(manner.patience().toSeconds(), registry.origin())
              .toArray(ValueLayout.JAVA_BYTE);
      TouchTrace trace =
          TouchTrace.parse(text, description.regions().subList(0, stores.all().size()));
      rest =
          registry.remote().fetch(new StartPages(stores.all(), trace, registry.readsWholeChunks()));
    } catch (IOException e) {
      host.output()
          .event(
              "trace-unusable",
              "warning: "
                  + registry.origin()
                  + ": what was touched first the last time cannot be read ahead: "
                  + e.getMessage());
    }
  }

  /**
   * Demand at once, everything else in the background, RAM before disks.
   *
   * @param epoch under which the pages may have been written last
   */
  private void fetchInto(Stores stores, Message.Description description, long epoch) {
    List<LocalStore> all = stores.all();
    registry.regionsTo(
        new PageSink() {
          @Override
          public void pages(int region, long first, MemorySegment data) throws IOException {
            all.get(region).fill(first, data, epoch);
          }

          @Override
          public void zeroes(int region, long first, int count) throws IOException {
            all.get(region).fillZero(first, count, epoch);
          }
        });
    for (int i = 0; i < all.size(); i++) {
      int region = i;
      all.get(i)
          .fetcher((first, count) -> {
            manner.recorder().ifPresent(recorder -> recorder.touched(region, first, count));
            for (long done = 0; done < count; done += Bounds.DATA_PAGES_MAX) {
              registry
                  .remote()
                  .demand(
                      region, first + done, (int) Math.min(Bounds.DATA_PAGES_MAX, count - done));
            }
          });
    }
  }

  /**
   * Goes on fetching for a VM that a predecessor of this process started: readers that wait for
   * absent pages are asked for at once, the rest comes in the background.
   */
  void goOn(DataPlane plane) throws IOException, InterruptedException {
    Message.Description description = registry.describe();
    int regions = description.regions().size();
    Compatibility.requireRegions(plane.spec(), description, regions);
    // Whatever it was exactly, it was before this one.
    fetchInto(plane.stores(), description, Math.max(0, authority.authority().epoch() - 1));
    fetchRest(plane);
  }

  /** Says when all that comes in the background has come; returns at once. */
  void fetchRest(DataPlane plane) {
    if (rest == null) {
      rest = registry.remote().fetch(new AbsentPages(plane.stores().all()));
    }
    rest.whenComplete((done, failure) -> {
      if (failure == null) {
        host.output()
            .event(
                "complete", "the package is here, all of it; the registry is not needed any more");
        registry.close();
        removeOwn();
      } else {
        host.output()
            .event(
                "fetch-failed",
                "warning: fetching from "
                    + registry.origin()
                    + " ended: "
                    + failure.getMessage()
                    + "; the VM waits when it touches what is missing");
      }
    });
  }

  /** A VM that runs on has left the package behind that it was suspended into. */
  private void removeOwn() {
    Path own = host.state().file(StopPolicy.PACKAGE);
    if (registry.origin().equals(BlobClient.FILE + own)) {
      try {
        Files.deleteIfExists(own);
      } catch (IOException e) {
        host.output().event("not-cleaned", "warning: " + own + " is not needed any more: " + e);
      }
    }
  }

  static final int LANES = Wiring.BULK_LANES;
}
