package dev.architekt.node.engine;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.GuestAgentException;
import dev.architekt.node.instance.DataPlane;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the guest itself does around a suspension, through its agent. */
public final class Guest {
  private static final String RUN_HOOKS = "/usr/lib/architekt/run-hooks";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Guest() {}

  /** Runs the guest's hooks before a suspension; a hook that fails is the caller's failure. */
  public static void beforeSuspend(DataPlane plane) throws IOException {
    if (plane.spec().beforeSuspend()) {
      hooks(plane, LIMIT, "before-suspend");
    }
  }

  /** Runs the guest's hooks after a resume. */
  public static void afterResume(DataPlane plane) throws IOException {
    if (plane.spec().afterResume()) {
      hooks(plane, LIMIT, "after-resume");
    }
  }

  /**
   * Runs the guest's hooks that make a new instance of it: random numbers, machine id.
   *
   * @param limit for all of them together
   */
  public static void newInstance(DataPlane plane, Duration limit) throws IOException {
    hooks(plane, limit, "new-instance", plane.spec().id());
  }

  private static void hooks(DataPlane plane, Duration limit, String... event) throws IOException {
    List<String> command = new ArrayList<>(List.of(RUN_HOOKS));
    command.addAll(List.of(event));
    GuestAgent.Result result = plane.machine().agent().run(command, limit);
    if (result.exitStatus() != 0) {
      throw new GuestAgentException(
          "the guest's "
              + event[0]
              + " hooks ended with status "
              + result.exitStatus()
              + ": "
              + result.err().strip());
    }
  }

  /** The device state of the paused machine. */
  public static MemorySegment saveState(DataPlane plane) throws IOException {
    StateBuffer.Sink sink = new StateBuffer.Sink();
    plane.machine().saveState(sink);
    return sink.content();
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
