package dev.architekt.node.peer;

import dev.architekt.hypervisor.Machine;
import dev.architekt.hypervisor.MachineGoneException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.network.Reachability;
import dev.architekt.node.Addresses;
import dev.architekt.node.Output;
import dev.architekt.node.Wiring;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what a predecessor of this process left on its directory, and goes on with it. */
final class Adoption {
  /** What was found. */
  sealed interface Found {
    /** Nothing to go on with. */
    record Nothing() implements Found {}

    /** A VM whose offering goes on here. */
    record Here(Arrival arrival) implements Found {}

    /** A VM that is still being taken over. */
    record Going(TakeOver takeOver) implements Found {}

    /** A VM that stays elsewhere, where somebody still has to hear of it. */
    record Unsettled(TakeOver takeOver) implements Found {}
  }

  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final Host host;
  private final PeerOptions options;
  private final WireOptions wire;
  private final AuthorityFile authority;
  private final StateDirectory state;
  private final Output output;
  private volatile BlobClient registry;

  Adoption(Host host, PeerOptions options, WireOptions wire, AuthorityFile authority) {
    this.host = host;
    this.options = options;
    this.wire = wire;
    this.authority = authority;
    this.state = host.state();
    this.output = host.output();
  }

  /** What is here; everything that cannot be gone on with has been removed. */
  Found find() throws Exception {
    Optional<MachineRecord> machine = DataPlane.find(state);
    Optional<byte[]> description = state.read("instance.json");
    if (machine.isEmpty() || description.isEmpty()) {
      return withoutMachine(description);
    }
    InstanceSpec spec = InstanceSpec.fromJson(description.get(), state + "/instance.json");
    long pid = machine.get().process().pid();
    output.event(
        "adopting",
        "a VM of this directory runs already (pid " + pid + "): going on with it",
        "pid",
        pid);
    try {
      return adopted(DataPlane.adopt(host, spec, Stores.open(host, spec), machine.get()));
    } catch (MachineGoneException e) {
      output.event("machine-gone", "that VM was ending; removing what is left of it");
      return withoutMachine(description);
    }
  }

  private Found adopted(DataPlane plane) throws Exception {
    Authority record = authority.authority();
    JournalEntry journal = authority.journal();
    boolean receiving = journal.intent() == JournalEntry.Intent.RECEIVING;
    boolean ran = record instanceof Authority.Released && !receiving;
    if (ran || record instanceof Authority.Running || record instanceof Authority.Granted) {
      // Before anybody waits for the machine, which may wait for one of these pages itself.
      fetchInBackground(plane);
    }
    return switch (record) {
      case Authority.Running _ when journal.intent() == JournalEntry.Intent.RESTORING -> {
        Restoration.discard(plane); // a predecessor was killed while it made this one
        yield new Found.Here(restored());
      }
      case Authority.Running running -> {
        if (receiving) {
          authority.write(JournalEntry.NOTHING); // all of it is here: only the journal was behind
        }
        finishInstance(plane);
        yield new Found.Here(asSource(plane, running));
      }
      case Authority.Granted granted -> new Found.Here(asSource(plane, granted));
      case Authority.Accepted accepted ->
          new Found.Going(asDestination(plane, accepted, journal, found(plane)));
      case Authority.Released released when !receiving -> new Found.Here(asSource(plane, released));
      case Authority.Released _, Authority.None _, Authority.Declined _ -> {
        discard(plane);
        yield receiving ? settle() : new Found.Nothing();
      }
    };
  }

  private void fetchInBackground(DataPlane plane) {
    Thread.ofPlatform().daemon().name("adoption-fetch").start(() -> fetchWhatIsMissing(plane));
  }

  private Arrival restored() throws IOException {
    return new Restoration(host, authority, this::fetchInBackground).restore();
  }

  /** No hypervisor process: what can be served or settled without one, and else nothing. */
  private Found withoutMachine(Optional<byte[]> description) throws Exception {
    state.removeSockets();
    NamespaceClaims.machineWide().sweep();
    JournalEntry journal = authority.journal();
    boolean receiving = journal.intent() == JournalEntry.Intent.RECEIVING;
    boolean unfinished = journal.intent() == JournalEntry.Intent.SWITCHING;
    return switch (authority.authority()) {
      case Authority.Running _ when journal.intent() == JournalEntry.Intent.RESTORING ->
          new Found.Here(restored());
      case Authority.Running running -> {
        machineLost("the VM that ran here under epoch " + running.epoch());
        yield new Found.Nothing();
      }
      case Authority.Accepted accepted -> {
        machineLost("the VM that this host had accepted under epoch " + accepted.epoch());
        yield new Found.Nothing();
      }
      case Authority.Granted granted -> new Found.Here(asCopies(description, granted));
      case Authority.Released released when unfinished ->
          new Found.Here(asCopies(description, released));
      case Authority.Released _, Authority.None _, Authority.Declined _ -> {
        if (receiving) {
          yield settle();
        }
        authority.write(JournalEntry.NOTHING);
        yield new Found.Nothing();
      }
    };
  }

  private void machineLost(String which) throws IOException {
    output.event(
        "machine-lost", which + " is gone (its process ended); removed what was left of it");
    authority.write(new Authority.None());
    authority.write(JournalEntry.NOTHING);
    new KeptStateFile(state).delete();
    Stores.deleteAll(state);
  }

  /**
   * The VM was granted to another host, and the hypervisor process is gone here. The copies hold
   * everything: they were collected before the grant, and the guest has not run since.
   */
  private Arrival asCopies(Optional<byte[]> description, Authority record) throws IOException {
    byte[] json =
        description.orElseThrow(() ->
            new IOException(
                state
                    + " has granted its VM to another host, and instance.json, which says what it"
                    + " is, is missing. Delete the directory to start anew"));
    InstanceSpec spec = InstanceSpec.fromJson(json, state + "/instance.json");
    DataPlane plane = DataPlane.remains(host, spec, Stores.open(host, spec));
    output.event(
        "serving-copies",
        "the VM was granted to another host under epoch "
            + record.epoch()
            + ", and its process is gone here: serving what is missing there from the copies in "
            + state,
        "epoch",
        record.epoch());
    Optional<KeptState> kept = new KeptStateFile(state).read();
    JournalEntry journal = authority.journal();
    return Arrival.whole(
        plane, config -> SourceCore.recover(config, record, journal, MachineFound.GONE, kept));
  }

  /**
   * A predecessor was killed while it received. The source may have granted, and only a decline, or
   * its word that it has not, lets the VM run on there.
   */
  private Found settle() throws IOException {
    Optional<byte[]> source = state.read(PackageStart.SOURCE);
    if (source.isEmpty()) {
      authority.write(JournalEntry.NOTHING); // nothing was asked of anybody yet
      return new Found.Nothing();
    }
    String raddr = new String(source.get(), StandardCharsets.UTF_8);
    output.event(
        "settling",
        "a predecessor was killed while it took a VM over from "
            + raddr
            + ": telling that peer that the VM stays there",
        "source",
        raddr);
    JournalEntry journal = authority.journal();
    return new Found.Unsettled(
        TakeOver.recover(
            host,
            options,
            Addresses.remote(PackageStart.SOURCE, raddr),
            wire,
            authority,
            journal.session(),
            new Recovered(authority.authority(), journal, MachineFound.GONE, List.of(), List.of()),
            null));
  }

  /** A machine whose monitor is silent waits for a page, and only one that runs touches any. */
  private static MachineFound found(DataPlane plane) throws IOException, InterruptedException {
    Optional<Machine> answered = plane.awaitMachine(SILENCE);
    if (answered.isEmpty()) {
      return MachineFound.RUNNING;
    }
    return switch (answered.get().state()) {
      case RUNNING -> MachineFound.RUNNING;
      case PAUSED, INCOMING, IO_ERROR, STOPPED -> MachineFound.PAUSED;
      case DEAD -> MachineFound.GONE;
    };
  }

  private Arrival asSource(DataPlane plane, Authority record)
      throws IOException, InterruptedException {
    JournalEntry journal = authority.journal();
    MachineFound found = found(plane);
    Optional<KeptState> kept = new KeptStateFile(state).read();
    output.event(
        "running",
        "instance "
            + plane.spec().id()
            + " adopted; this host reaches it at "
            + Peer.localAddress(plane),
        "instance",
        plane.spec().id(),
        "localAddress",
        Peer.localAddress(plane),
        "address",
        plane.spec().address());
    return new Arrival(
        plane,
        config -> SourceCore.recover(config, record, journal, found, kept),
        () -> {},
        this::closeRegistry);
  }

  /** A predecessor was ended before a VM that it had resumed from a package was one of its own. */
  private void finishInstance(DataPlane plane) throws IOException {
    NewInstance instance = new NewInstance(plane, options.resumeTimeout());
    if (instance.isPending()) {
      plane.machine().resume(); // it may have been killed just before that
      instance.finish();
    }
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
          BlobClient.open(
              PackageStart.SOURCE,
              raddr,
              wire,
              PackageStart.LANES,
              Wiring.WINDOW_BYTES,
              options.resumeTimeout().toSeconds());
      output.event(
          "fetching",
          plane.stores().absentPages() + " pages are still at " + raddr + ": fetching them");
      new PackageStart(host, PackageStart.Manner.of(options, Optional.empty()), authority, registry)
          .goOn(plane);
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

  private TakeOver asDestination(
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
    return TakeOver.recover(
        host,
        options,
        Addresses.remote("source.txt", options.raddr().orElse(source)),
        wire,
        authority,
        accepted.session(),
        new Recovered(accepted, journal, found, regions, missing),
        plane);
  }

  private void closeRegistry() {
    if (registry != null) {
      registry.close();
    }
  }

  private void discard(DataPlane plane) throws IOException {
    output.event("discarded", "removed a VM that was prepared here and never ran");
    Optional<Reachability> reachability = plane.reachability();
    if (reachability.isPresent()) {
      reachability.get().release();
    }
    plane.close();
  }
}
