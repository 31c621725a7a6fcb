package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.text.Terminal;
import dev.architekt.node.Output;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * What the demo is doing right now: one line that is drawn over on a terminal, an occasional line
 * elsewhere. Everything else that is printed goes through {@link #say}, so that the two do not mix.
 * Thread-safe.
 */
final class LiveView {
  private static final long PERIOD_NS = 100_000_000L;
  private static final long PLAIN_PERIOD_NS = 5_000_000_000L;

  private final PrintStream out;
  private final Terminal terminal;
  private final LongSupplier clock;
  private String where = "";
  private String phase = "";
  private long remaining = -1;
  private long bytesPerSecond;
  private double requestsPerSecond = -1;
  private double worstGapMs;
  private boolean shown;
  private long drawnAt;

  LiveView(PrintStream out, Terminal terminal) {
    this(out, terminal, System::nanoTime);
  }

  /**
   * @param clock nanoseconds that never go back
   */
  LiveView(PrintStream out, Terminal terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
    this.drawnAt = clock.getAsLong();
  }

  Terminal terminal() {
    return terminal;
  }

  /** Prints a line that stays. */
  synchronized void say(String line) {
    clear();
    out.println(line);
    out.flush();
  }

  /** What happens now, such as {@code hop 2 of 3} and {@code copying}. */
  synchronized void at(String place, String what) {
    where = place;
    phase = what;
    remaining = -1;
    draw();
  }

  /** Nothing happens now that is worth a line. */
  synchronized void idle() {
    where = "";
    clear();
  }

  /** A role's {@code progress} event. */
  synchronized void progress(JsonNode event) {
    phase = event.path("what").asText();
    remaining = event.path("total").asLong() - event.path("done").asLong();
    bytesPerSecond = event.path("bytesPerSecond").asLong();
    draw();
  }

  /** What the clients see; a negative rate stands for not known. */
  synchronized void clients(double answersPerSecond, double worstMs) {
    requestsPerSecond = answersPerSecond < 0 ? requestsPerSecond : answersPerSecond;
    worstGapMs = Math.max(worstGapMs, worstMs);
    draw();
  }

  private void draw() {
    long now = clock.getAsLong();
    if (where.isEmpty() || now - drawnAt < (terminal.moving() ? PERIOD_NS : PLAIN_PERIOD_NS)) {
      return;
    }
    drawnAt = now;
    if (terminal.moving()) {
      out.print(Terminal.CLEAR_LINE + text());
      out.flush();
      shown = true;
    } else {
      out.println("  … " + text());
    }
  }

  String text() {
    StringBuilder text = new StringBuilder(where).append(": ").append(phase);
    if (remaining >= 0) {
      text.append(", ").append(Output.bytes(bytesPerSecond)).append("/s, ");
      text.append(Output.bytes(remaining)).append(" left");
    }
    if (requestsPerSecond >= 0) {
      text.append(
          String.format(
              Locale.ROOT,
              " | client: %.0f requests/s, worst gap so far %.1f ms",
              requestsPerSecond,
              worstGapMs));
    }
    return text.toString();
  }

  private void clear() {
    if (shown) {
      out.print(Terminal.CLEAR_LINE);
      shown = false;
    }
  }
}
