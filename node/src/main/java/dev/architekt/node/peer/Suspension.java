package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.core.KeptState;
import dev.architekt.node.Output;
import dev.architekt.node.engine.FaultPoint;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.Closing;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Suspends the VM that runs here, in two steps, each of which a killed process can be followed up
 * from:
 *
 * <pre>
 *   {@link #inPlace}  hooks, pause, collect, save; device state and copies durable; the journal says
 *                     RESTORING, the machine ends         a start makes the VM again from the copies
 *   {@link #pack}     a package of them, whole and durable; its record; the copies go
 *                                                         a start goes on from the package
 * </pre>
 */
final class Suspension {
  private final Host host;
  private final StateDirectory state;
  private final AuthorityFile authority;
  private final KeptStateFile keptFile;

  Suspension(Host host, AuthorityFile authority) {
    this.host = host;
    this.state = host.state();
    this.authority = authority;
    this.keptFile = new KeptStateFile(state);
  }

  /**
   * The VM stands still, and survives this process and this host in its directory.
   *
   * @throws IOException when it does not; it runs on then, and its machine has not been let go of
   */
  void inPlace(DataPlane plane) throws IOException {
    long began = System.nanoTime();
    Authority record = authority.authority();
    if (!(record instanceof Authority.Running)) {
      throw new IOException("the VM is not this host's alone any more: " + record);
    }
    JournalEntry switching = new JournalEntry(JournalEntry.Intent.SWITCHING, UUID.randomUUID(), 1);
    // A start that finds this lets the guest run again, whatever has been done of what follows.
    authority.write(switching);
    long stopped;
    try {
      runHooks(plane);
      plane.machine().prepareSave();
      plane.machine().pause();
      stopped = System.nanoTime();
      keep(plane, switching);
      suspended(plane.spec(), record.epoch()).write(state);
      FaultPoint.reached("suspend.KEEP.after");
      authority.write(
          new JournalEntry(
              JournalEntry.Intent.RESTORING, switching.session(), switching.attempt()));
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "the VM could not be suspended: " + e.getMessage() + undo(plane, switching), e);
    }
    end(plane);
    long now = System.nanoTime();
    host.output()
        .event(
            "suspended",
            "suspended "
                + plane.spec().name()
                + " in "
                + Output.millis(now - began)
                + ": it is kept in "
                + state,
            "instance",
            plane.spec().id(),
            "epoch",
            record.epoch(),
            "stoppedMs",
            (now - stopped) / 1e6);
  }

  private void runHooks(DataPlane plane) {
    try {
      Guest.beforeSuspend(plane);
    } catch (IOException e) {
      host.output().event("agent-failed", "warning: suspending all the same: " + e.getMessage());
    }
  }

  private void keep(DataPlane plane, JournalEntry entry) throws IOException {
    Instant now = Instant.now();
    long nanos =
        Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    plane.mount().collect();
    MemorySegment device = Guest.saveState(plane);
    keptFile.write(
        new KeptState(entry.session(), entry.attempt(), nanos, List.of(), List.of(), device));
    keptFile.flush();
    plane.flush();
  }

  private static Suspended suspended(InstanceSpec spec, long epoch) {
    return new Suspended(
        spec.id(),
        spec.name(),
        spec.stableAddress(),
        epoch,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        Optional.empty(),
        "");
  }

  /** Lets the guest run again; what became of that, for the message. */
  private String undo(DataPlane plane, JournalEntry switching) {
    String again = ": start this peer again on " + state;
    try {
      // RESTORING may have been written although that failed, and what is kept must not count any
      // more once the guest runs.
      authority.write(switching);
    } catch (IOException e) {
      return ". It stands still (" + e.getMessage() + ")" + again;
    }
    Closing undoing = new Closing();
    undoing.run(() -> state.delete(Suspended.FILE));
    undoing.run(() -> plane.machine().resume());
    undoing.run(() -> Guest.stepClock(plane));
    undoing.run(() -> Guest.afterResume(plane));
    undoing.run(keptFile::delete);
    undoing.run(() -> authority.write(JournalEntry.NOTHING));
    try {
      undoing.finish();
      return ". It has not ended" + again + " to go on with it";
    } catch (IOException e) {
      return ". Letting it run again failed as well (" + e.getMessage() + ")" + again;
    }
  }

  /** What is kept is safe whatever this meets. */
  private void end(DataPlane plane) {
    try {
      plane.close();
    } catch (IOException e) {
      host.output()
          .event(
              "not-cleaned",
              "warning: the VM is kept, and something of it could not be removed: "
                  + e.getMessage()
                  + "; the next start on "
                  + state
                  + " does that");
    }
  }

  /** Pages that are still elsewhere; a package cannot be written without them. */
  static long missing(DataPlane plane) {
    return plane.stores().absentPages();
  }

  /**
   * Writes the package of the VM that {@link #inPlace} has suspended, and removes what it does not
   * need any more.
   *
   * @throws IOException when no package was written; the VM is in its directory as before
   */
  void pack(Path target) throws IOException, InterruptedException {
    Suspended suspended =
        Suspended.read(state).orElseThrow(() -> new IOException(state + ": nothing is suspended"));
    InstanceSpec spec = spec();
    KeptState kept =
        keptFile.read().orElseThrow(() -> new IOException(state.file("kept-state") + " is gone"));
    SuspendedPackage.Written written;
    Path absolute = target.toAbsolutePath().normalize();
    Files.createDirectories(absolute.getParent());
    try (Stores stores = Stores.open(host, spec)) {
      written =
          SuspendedPackage.write(
              absolute,
              host,
              spec,
              suspended.epoch(),
              stores,
              kept.device().toArray(ValueLayout.JAVA_BYTE),
              (done, total) -> host.output().progress("suspending", done, total));
    }
    FaultPoint.reached("suspend.PACK.after");
    suspended.into(absolute, written.index()).write(state);
    authority.write(new Authority.None());
    forget();
    host.output()
        .event(
            "packed",
            absolute + ": " + Output.bytes(written.bytes()) + ", all of the VM",
            "path",
            absolute.toString(),
            "bytes",
            written.bytes());
  }

  private InstanceSpec spec() throws IOException {
    String origin = state.file("instance.json").toString();
    return InstanceSpec.fromJson(
        state.read("instance.json").orElseThrow(() -> new IOException(origin + " is missing")),
        origin);
  }

  private void forget() throws IOException {
    authority.write(JournalEntry.NOTHING);
    Stores.deleteAll(state);
    keptFile.delete();
    state.delete("instance.json");
    state.delete(PackageStart.SOURCE);
  }
}
