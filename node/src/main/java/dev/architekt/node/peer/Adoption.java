package dev.architekt.node.peer;

import dev.architekt.hypervisor.MachineGoneException;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.Recovered;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.node.Addresses;
import dev.architekt.node.Output;
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
import java.nio.charset.StandardCharsets;
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
  }

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
      removeLeftovers();
      return new Found.Nothing();
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
    } catch (MachineGoneException e) {
      output.event("machine-gone", "that VM was ending; removing what is left of it");
      removeLeftovers();
      return new Found.Nothing();
    }
    MachineFound machineFound = found(plane);
    return switch (record) {
      case Authority.Running running ->
          new Found.Here(asSource(plane, running, journal, machineFound));
      case Authority.Granted granted ->
          new Found.Here(asSource(plane, granted, journal, machineFound));
      case Authority.Released released ->
          new Found.Here(asSource(plane, released, journal, machineFound));
      case Authority.Accepted accepted ->
          new Found.Going(asDestination(plane, accepted, journal, machineFound));
      case Authority.None none -> {
        discard(plane);
        yield new Found.Nothing();
      }
      case Authority.Declined declined -> {
        discard(plane);
        yield new Found.Nothing();
      }
    };
  }

  private static MachineFound found(DataPlane plane) {
    return switch (plane.machine().state()) {
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
            + Peer.localAddress(plane),
        "instance",
        plane.spec().id(),
        "localAddress",
        Peer.localAddress(plane),
        "address",
        plane.spec().address());
    return new Arrival(
        plane,
        config -> SourceCore.recover(config, record, journal, found),
        () -> fetchWhatIsMissing(plane),
        this::closeRegistry);
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
}
