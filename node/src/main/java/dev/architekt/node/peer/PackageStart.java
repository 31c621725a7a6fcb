package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.PageSink;
import dev.architekt.node.Output;
import dev.architekt.node.Wiring;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  private static final long PACKAGE_EPOCH = 0;

  private final Host host;
  private final PeerOptions options;
  private final AuthorityFile authority;
  private final BlobClient registry;
  private final long began = System.nanoTime();
  private CompletableFuture<Void> rest;

  PackageStart(Host host, PeerOptions options, AuthorityFile authority, BlobClient registry) {
    this.host = host;
    this.options = options;
    this.authority = authority;
    this.registry = registry;
  }

  /** Starts it; what is still absent comes while the guest runs. */
  DataPlane start(Message.Description description, InstanceSpec template) throws Exception {
    Compatibility.requireRegions(template, description, description.regions().size());
    BlobFetch state = registry.fetch(description, "state");
    registry.fetchBootFiles(description, template, host.state());
    InstanceSpec spec =
        template.withIdentity(UUID.randomUUID().toString(), options.address().orElse(null));
    host.state().write("instance.json", spec.toJson());
    host.state().write(SOURCE, registry.origin().getBytes(StandardCharsets.UTF_8));
    Stores stores = Stores.create(host, spec, LocalStore.Start.ABSENT);
    fetchInto(stores, description);
    DataPlane plane = DataPlane.create(host, spec, stores);
    try {
      plane.beginAddress(true);
      plane.startIncoming();
      plane
          .machine()
          .loadState(
              Guest.stateSource(
                  state.await(options.resumeTimeout().toSeconds(), registry.origin())));
      state.close();
      plane.mount().seal();
      plane.awaitAddress();
      authority.write(new Authority.Running(FIRST_EPOCH));
      for (LocalStore store : stores.all()) {
        store.generation(FIRST_EPOCH);
      }
      plane.machine().resume();
      if (plane.reachability().isPresent()) {
        plane.reachability().get().announce();
      }
      report(plane);
      // Before the agent is asked: a guest that waits for page after page cannot answer in time.
      rest = registry.remote().fetch(new AbsentPages(stores.all()));
      becomeNew(plane);
      return plane;
    } catch (Exception e) {
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
            FIRST_EPOCH,
            "localAddress",
            Peer.localAddress(plane),
            "address",
            plane.spec().address(),
            "startMs",
            (System.nanoTime() - began) / 1e6);
  }

  /** Two VMs of one package differ from here on: clock, machine id, random numbers. */
  private void becomeNew(DataPlane plane) {
    try {
      Guest.stepClock(plane);
      Guest.newInstance(plane);
      Guest.afterResume(plane);
    } catch (IOException e) {
      host.output()
          .event(
              "agent-failed",
              "warning: the guest's agent could not make this instance its own (clock, machine id): "
                  + e.getMessage());
    }
  }

  /** Demand at once, everything else in the background, RAM before disks. */
  private void fetchInto(Stores stores, Message.Description description) {
    List<LocalStore> all = stores.all();
    registry.regionsTo(
        new PageSink() {
          @Override
          public void pages(int region, long first, MemorySegment data) throws IOException {
            all.get(region).fill(first, data, PACKAGE_EPOCH);
          }

          @Override
          public void zeroes(int region, long first, int count) throws IOException {
            all.get(region).fillZero(first, count, PACKAGE_EPOCH);
          }
        });
    for (int i = 0; i < all.size(); i++) {
      int region = i;
      all.get(i)
          .fetcher((first, count) -> {
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
    fetchInto(plane.stores(), description);
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

  static final int LANES = Wiring.BULK_LANES;
}
