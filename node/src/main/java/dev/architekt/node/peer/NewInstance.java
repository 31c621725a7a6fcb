package dev.architekt.node.peer;

import dev.architekt.node.engine.FaultPoint;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Makes a VM that was resumed from a package an instance of its own, before its clients are let in:
 * its clock, its random numbers, its machine id and whatever else the guest's hooks know of. Until
 * that is done, a mark in the state directory says so; a successor of this process that finds it
 * begins again.
 */
final class NewInstance {
  private static final String PENDING = "new-instance";

  /** So that a peer that is stopped meanwhile ends while it is waited for. */
  private static final Duration PATIENCE_MAX = Duration.ofSeconds(25);

  private final DataPlane plane;
  private final Duration patience;

  /**
   * @param patience how long the guest's hooks may take: it may have to wait for page after page;
   *     at most 25 s
   */
  NewInstance(DataPlane plane, Duration patience) {
    this.plane = plane;
    this.patience = patience.compareTo(PATIENCE_MAX) < 0 ? patience : PATIENCE_MAX;
  }

  /** Says that this instance is not one of its own yet; before it first runs. */
  void begin() throws IOException {
    state().write(PENDING, mark());
  }

  /** Whether a predecessor of this process was ended in between. */
  boolean isPending() throws IOException {
    return state().read(PENDING).filter(mark -> Arrays.equals(mark, mark())).isPresent();
  }

  /**
   * Has the guest do its part; its clients must not be let in before.
   *
   * @throws IOException if one of the hooks failed, or there is no agent; all was tried
   */
  void become() throws IOException {
    FaultPoint.reached("start.IDENTITY.before");
    IOException failure = null;
    try {
      Guest.newInstance(plane, patience);
    } catch (IOException e) {
      failure = e;
    }
    try {
      Guest.stepClock(plane);
    } catch (IOException e) {
      if (failure == null) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Lets clients in. */
  void letIn() throws IOException {
    if (plane.reachability().isPresent()) {
      plane.reachability().get().announce();
    }
    state().delete(PENDING);
  }

  /** {@link #become} and {@link #letIn}; a guest that cannot do its part is told of, and let be. */
  void finish() throws IOException {
    try {
      become();
    } catch (IOException e) {
      if (!plane.machine().isAlive()) {
        throw e;
      }
      plane
          .host()
          .output()
          .event(
              "agent-failed",
              "warning: the guest could not make this instance its own (clock, random numbers,"
                  + " machine id): "
                  + e.getMessage());
    }
    letIn();
  }

  private byte[] mark() {
    return plane.spec().id().getBytes(StandardCharsets.UTF_8);
  }

  private StateDirectory state() {
    return plane.host().state();
  }
}
