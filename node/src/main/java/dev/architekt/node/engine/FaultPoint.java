package dev.architekt.node.engine;

import dev.architekt.linux.Pidfd;
import dev.architekt.migration.core.Step;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fault injection: stops this process, as {@code kill -STOP} would, at one named point of a
 * migration, so that a test can kill any process of either side just there. Whoever asks for it
 * also ends the stop, with SIGCONT or SIGKILL.
 *
 * <p>Off unless the environment says {@code ARCHITEKT_STOP_AT=SIDE.STEP.MOMENT[.N]}: SIDE is {@code
 * source} or {@code destination}, STEP one of {@link Step}, MOMENT {@code before} (nothing of it
 * has been done) or {@code after} (it is done, and the protocol core does not know yet), N the
 * occurrence that counts (default 1). A start from a package has {@code start.IDENTITY.before}.
 * Thread-safe.
 */
public final class FaultPoint {
  private static final String WANTED = System.getenv().getOrDefault("ARCHITEKT_STOP_AT", "");
  private static final int SIGSTOP = 19;
  private static final AtomicInteger SEEN = new AtomicInteger();

  private FaultPoint() {}

  static void before(String side, Step step) throws IOException {
    reached(side + "." + step + ".before");
  }

  static void after(String side, Step step) throws IOException {
    reached(side + "." + step + ".after");
  }

  /** At {@code point}: stops this process if that is the one. */
  public static void reached(String point) throws IOException {
    if (WANTED.isEmpty()) {
      return;
    }
    boolean named = WANTED.equals(point) || WANTED.startsWith(point + ".");
    if (named && SEEN.incrementAndGet() == occurrence(point)) {
      try (Pidfd self = Pidfd.open(ProcessHandle.current().pid())) {
        self.signal(SIGSTOP);
      }
    }
  }

  private static int occurrence(String point) {
    return WANTED.equals(point) ? 1 : Integer.parseInt(WANTED.substring(point.length() + 1));
  }
}
