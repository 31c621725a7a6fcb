package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.core.MachineFound;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.mount.FuseConnections;
import dev.architekt.network.HeldFrames;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes a VM again whose hypervisor process died in a move that the destination then declined: the
 * copies and the kept state are the VM as it was when it was paused. The new machine is paused; the
 * core undoes the switch-over, which lets it run.
 *
 * <p>Until then the journal says {@link JournalEntry.Intent#RESTORING}, and a peer that is started
 * on the directory begins again: loading the same state once more does no harm.
 */
final class Restoration {
  private final Host host;
  private final AuthorityFile authority;
  private final StateDirectory state;
  private final Consumer<DataPlane> missing;

  Restoration(Host host, AuthorityFile authority) {
    this(host, authority, plane -> {});
  }

  /**
   * @param missing fetches the pages of the copies that had not arrived yet, and returns at once
   */
  Restoration(Host host, AuthorityFile authority, Consumer<DataPlane> missing) {
    this.missing = missing;
    this.host = host;
    this.authority = authority;
    this.state = host.state();
  }

  /**
   * The VM, paused, and the core that lets it run.
   *
   * @throws IOException when it cannot be made; everything it could be made of is still there
   */
  Arrival restore() throws IOException {
    Authority record = authority.authority();
    JournalEntry journal = authority.journal();
    boolean suspended = Suspended.read(state).isPresent();
    host.output()
        .event(
            "restoring",
            (suspended
                    ? "the VM was suspended here: resuming it from what was kept in "
                    : "the VM's process is gone, and no other host runs the VM: making it again from"
                        + " what was kept in ")
                + state,
            "epoch",
            record.epoch());
    DataPlane plane = null;
    try {
      KeptState kept = kept(journal);
      plane = assemble(record);
      load(plane, kept);
      JournalEntry undo =
          new JournalEntry(JournalEntry.Intent.SWITCHING, kept.session(), kept.attempt());
      authority.write(undo);
      if (suspended) { // it runs on, so that a package of it, if one was written, is an old one
        state.delete(StopPolicy.PACKAGE);
        state.delete(Suspended.FILE);
      }
      sayRestored(plane, record);
      return Arrival.whole(
          plane,
          config ->
              SourceCore.recover(config, record, undo, MachineFound.PAUSED, Optional.empty()));
    } catch (IOException | RuntimeException e) {
      throw notRestored(plane, record, e);
    }
  }

  /**
   * Ends a machine that has loaded a state and never ran: what it wrote must not reach the copy.
   */
  static void discard(DataPlane plane) throws IOException {
    FuseConnections.abort(plane.mount().connectionId(), plane.machine().record().process().pid());
    plane.close();
  }

  private KeptState kept(JournalEntry journal) throws IOException {
    return new KeptStateFile(state)
        .read()
        .filter(k -> k.session().equals(journal.session()) && k.attempt() == journal.attempt())
        .orElseThrow(() ->
            new IOException(
                state.file("kept-state")
                    + ": expected the device state of switch-over "
                    + journal.attempt()
                    + " of session "
                    + journal.session()
                    + ", found none, a torn one or another"));
  }

  private DataPlane assemble(Authority record) throws IOException {
    byte[] json =
        state
            .read("instance.json")
            .orElseThrow(() -> new IOException(state + "/instance.json is missing"));
    InstanceSpec spec = InstanceSpec.fromJson(json, state + "/instance.json");
    Stores stores = Stores.open(host, spec);
    long absent = stores.absentPages();
    boolean elsewhere =
        Suspended.read(state).isPresent() && state.read(PackageStart.SOURCE).isPresent();
    if (absent > 0 && !elsewhere) {
      stores.close();
      throw new IOException(absent + " pages of the copies had not arrived here yet");
    }
    DataPlane plane = DataPlane.create(host, spec, stores);
    try {
      for (LocalStore store : stores.all()) {
        store.generation(record.epoch());
      }
      if (absent > 0) {
        missing.accept(plane); // loading a state touches pages
      }
      plane.prepareAddress();
      plane.startIncoming();
      return plane;
    } catch (IOException | RuntimeException e) {
      closeAfter(plane, e);
      throw e;
    }
  }

  private static void load(DataPlane plane, KeptState kept) throws IOException {
    plane.mount().seal();
    plane.machine().loadState(Guest.stateSource(kept.device()));
    if (!kept.frames().isEmpty()) {
      plane.claim().tap().inject(new HeldFrames(kept.frames(), false));
    }
  }

  private void sayRestored(DataPlane plane, Authority record) {
    host.output()
        .event(
            "restored",
            "instance "
                + plane.spec().id()
                + " is here again, as it was when it was paused (epoch "
                + record.epoch()
                + "); this host reaches it at "
                + Peer.localAddress(plane),
            "instance",
            plane.spec().id(),
            "epoch",
            record.epoch(),
            "localAddress",
            Peer.localAddress(plane),
            "address",
            plane.spec().address());
  }

  private IOException notRestored(DataPlane plane, Authority record, Exception cause) {
    if (plane != null) {
      closeAfter(plane, cause);
    }
    return new IOException(
        "the VM runs nowhere: its process is gone, the destination declined it, and it could not be"
            + " made again here: "
            + cause.getMessage()
            + ". Nothing was removed: its RAM and disks are in "
            + state.file("regions")
            + ", its device state in "
            + state.file("kept-state")
            + " (epoch "
            + record.epoch()
            + "). Start this peer again on "
            + state
            + " to try once more, or delete that directory to give the VM up",
        cause);
  }

  private static void closeAfter(DataPlane plane, Exception failure) {
    try {
      plane.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
