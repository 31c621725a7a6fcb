package dev.architekt.hypervisor;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * The agent inside of a guest: what only the guest itself can do. One command at a time; every call
 * has a limit and fails with a {@link GuestAgentException} that says which command and why. Calls
 * while the machine does not run fail at once: nothing may be written to the channel after a pause,
 * since it would be lost or delivered to another host.
 */
public interface GuestAgent {
  /** How a program in the guest ended; output is cut at {@code OUTPUT_MAX} bytes each. */
  record Result(int exitStatus, String out, String err) {
    public static final int OUTPUT_MAX = 1 << 20;
  }

  /** Waits until the agent answers. */
  void ping(Duration limit) throws IOException;

  /** Runs a program in the guest (absolute path, then arguments) and waits for its end. */
  Result run(List<String> command, Duration limit) throws IOException;

  /**
   * Sets the guest's clock to the host's when it is behind by more than a few milliseconds; never
   * back.
   *
   * @return how far the clock was behind; negative when it was ahead (and was left alone)
   */
  Duration stepClockForward(Duration limit) throws IOException;

  /**
   * How far the guest's clock is behind the host's, corrected by half a round trip; negative when
   * it is ahead.
   */
  Duration clockBehind(Duration limit) throws IOException;
}
