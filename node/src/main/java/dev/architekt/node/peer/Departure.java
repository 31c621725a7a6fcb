package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.JournalEntry;
import dev.architekt.migration.message.Bounds;
import dev.architekt.node.CommandName;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.node.instance.StatusFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;

/** How a VM ends here because its process is asked to end, by a {@link StopPolicy}. */
final class Departure {
  /** How long nothing may have come of what is missing before it is given up. */
  private static final long STALLED_NANOS = 10_000_000_000L;

  private final Host host;
  private final StateDirectory state;
  private final StopPolicy policy;
  private final AuthorityFile authority;
  private final StatusFile status;
  private volatile boolean busy;
  private long lastMissing = -1;
  private long lastAt;
  private boolean waitingSaid;
  private boolean left;

  private final StopRequest request;

  Departure(Host host, StopPolicy policy, AuthorityFile authority, StatusFile status) {
    this.host = host;
    this.state = host.state();
    this.policy = policy;
    this.request = new StopRequest(host.state().path());
    this.authority = authority;
    this.status = status;
  }

  /** What Ctrl-C does, for whoever is told that the VM runs. */
  String said() {
    return switch (policy.kind()) {
      case SUSPEND -> "Ctrl-C suspends the VM into " + target();
      case STOP -> "Ctrl-C stops the VM";
      case LEAVE -> "Ctrl-C leaves the VM running";
    };
  }

  /** What is to be done, now that the process is asked to end. */
  StopPolicy.Kind kind() {
    if (request.discards()) {
      return StopPolicy.Kind.STOP;
    }
    boolean leaves = policy.kind() == StopPolicy.Kind.LEAVE;
    return leaves && request.isThere() ? StopPolicy.Kind.SUSPEND : policy.kind();
  }

  boolean leaves() {
    return kind() == StopPolicy.Kind.LEAVE;
  }

  void sayLeft() {
    host.output().event("left", "the VM runs on; a peer on " + state + " goes on with it");
  }

  /** Whether {@code architekt stop} has asked, so that no service manager is to start it again. */
  boolean wasRequested() {
    return request.isThere();
  }

  private Path target() {
    return policy.target().orElse(state.file(StopPolicy.PACKAGE));
  }

  /** Whether a VM is being suspended now: it ends by itself, and cutting it short gains nothing. */
  boolean busy() {
    return busy;
  }

  /** Whether nothing of the VM is to stay in the directory, and nothing has. */
  boolean leavesNothing() {
    return policy.whole() && left;
  }

  /**
   * Whether it may begin, asked again and again: pages that are still at a registry come first, as
   * long as they come.
   */
  boolean ready(DataPlane plane) {
    if (kind() != StopPolicy.Kind.SUSPEND) {
      return true;
    }
    busy = true;
    long missing = Suspension.missing(plane);
    long now = System.nanoTime();
    if (missing != lastMissing) {
      lastMissing = missing;
      lastAt = now;
    }
    if (missing == 0 || now - lastAt > STALLED_NANOS) {
      return true;
    }
    if (!waitingSaid) {
      waitingSaid = true;
      host.output()
          .event(
              "suspending",
              "suspending once the rest of the package is here; the VM runs on meanwhile",
              "missingBytes",
              missing * Bounds.PAGE_BYTES);
    }
    long total = plane.stores().all().stream().mapToLong(store -> store.pages()).sum();
    host.output()
        .progress(
            "fetching what is missing",
            (total - missing) * Bounds.PAGE_BYTES,
            total * Bounds.PAGE_BYTES);
    return false;
  }

  /** Ends the VM and keeps nothing of it. */
  void discard(DataPlane plane) throws IOException {
    plane.close();
    Stores.deleteAll(state);
    authority.write(new Authority.None());
    authority.write(JournalEntry.NOTHING);
    state.delete("instance.json");
    state.delete(PackageStart.SOURCE);
    new KeptStateFile(state).delete();
    left = true;
  }

  /**
   * Suspends the VM, which nobody is offered any more; the exit status.
   *
   * @throws IOException when it goes on running; the message says so
   */
  int suspend(DataPlane plane) throws IOException, InterruptedException {
    busy = true;
    long missing = Suspension.missing(plane);
    host.output().event("suspending", "suspending " + plane.spec().name());
    status.write("peer", "suspending", "suspends the VM into " + target(), plane);
    Suspension suspension = new Suspension(host, authority);
    try {
      suspension.inPlace(plane);
    } catch (IOException e) {
      plane.release();
      throw e;
    }
    if (missing > 0) {
      host.output()
          .event(
              "not-packed",
              "no package was written: "
                  + missing * Bounds.PAGE_BYTES
                  + " bytes have not come. A peer started on "
                  + state
                  + " resumes the VM and fetches them",
              "missingBytes",
              missing * Bounds.PAGE_BYTES);
      return 0;
    }
    status.write("peer", "suspending", "writes " + target(), null);
    try {
      suspension.pack(target());
    } catch (IOException e) {
      throw new IOException(
          "the VM is suspended in "
              + state
              + ", but no package was written: "
              + e.getMessage()
              + ". Start this again to resume it; nothing is lost",
          e);
    }
    left = true;
    if (!policy.whole()) {
      host.output()
          .event(
              "resumable",
              "resume it with: " + CommandName.typed() + " peer --cache-base-dir " + state);
    }
    return 0;
  }
}
