package dev.architekt.node.engine;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.GuestAgentException;
import dev.architekt.node.instance.DataPlane;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;

/** What the guest itself does around a suspension, through its agent. */
public final class Guest {
  private static final String RUN_HOOKS = "/usr/lib/architekt/run-hooks";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Guest() {}

  /** Runs the guest's hooks before a suspension; a hook that fails is the caller's failure. */
  public static void beforeSuspend(DataPlane plane) throws IOException {
    if (plane.spec().beforeSuspend()) {
      hooks(plane, "before-suspend");
    }
  }

  /** Runs the guest's hooks after a resume. */
  public static void afterResume(DataPlane plane) throws IOException {
    if (plane.spec().afterResume()) {
      hooks(plane, "after-resume");
    }
  }

  /** Runs the guest's hooks that make a new instance of it: machine id, random numbers. */
  public static void newInstance(DataPlane plane) throws IOException {
    hooks(plane, "new-instance");
  }

  private static void hooks(DataPlane plane, String which) throws IOException {
    GuestAgent.Result result = plane.machine().agent().run(List.of(RUN_HOOKS, which), LIMIT);
    if (result.exitStatus() != 0) {
      throw new GuestAgentException(
          "the guest's "
              + which
              + " hooks ended with status "
              + result.exitStatus()
              + ": "
              + result.err().strip());
    }
  }

  /** Device state that lies in memory, as a hypervisor reads it. */
  public static ReadableByteChannel stateSource(MemorySegment state) {
    return StateBuffer.source(state);
  }

  /** Steps the guest's clock to the host's; never back. */
  public static void stepClock(DataPlane plane) throws IOException {
    plane.machine().agent().stepClockForward(LIMIT);
  }
}
