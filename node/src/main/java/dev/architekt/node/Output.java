package dev.architekt.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where a role says what it does: sentences for people, one JSON object a line for machines.
 * Thread-safe.
 *
 * <p>People see each event's text, and progress as one line that is drawn over on a terminal.
 * Machines see {@code {"event": NAME, "text": …, fields…}}; names and fields are part of the
 * product's contract, texts are not.
 */
public final class Output {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PROGRESS_PERIOD_NS = 200_000_000L;
  private static final long PLAIN_PROGRESS_PERIOD_NS = 5_000_000_000L;

  private final PrintStream stream;
  private final boolean json;
  private final boolean terminal;
  private boolean progressShown;
  private long progressAt;
  private long progressBegan;
  private long progressFrom;
  private String progressWhat = "";

  public Output(PrintStream stream, boolean json, boolean terminal) {
    this.stream = stream;
    this.json = json;
    this.terminal = terminal;
  }

  /** Something happened. {@code fields} are pairs: name, value, name, value… */
  public synchronized void event(String name, String text, Object... fields) {
    clearProgress();
    if (!json) {
      stream.println(text);
      return;
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("event", name);
    object.put("text", text);
    for (int i = 0; i + 1 < fields.length; i += 2) {
      object.put((String) fields[i], fields[i + 1]);
    }
    try {
      stream.println(JSON.writeValueAsString(object));
      stream.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("event " + name + " cannot be written as JSON", e);
    }
  }

  /** How far {@code what} has got, in bytes. Cheap to call often: most calls draw nothing. */
  public synchronized void progress(String what, long done, long total) {
    long now = System.nanoTime();
    if (!what.equals(progressWhat)) {
      progressWhat = what;
      progressBegan = now;
      progressFrom = done; // what was there already is no part of the rate
      progressAt = now; // nothing is drawn for what ends at once
      return;
    }
    if (now - progressAt < (terminal || json ? PROGRESS_PERIOD_NS : PLAIN_PROGRESS_PERIOD_NS)) {
      return;
    }
    progressAt = now;
    double seconds = Math.max(1e-3, (now - progressBegan) / 1e9);
    double rate = (done - progressFrom) / seconds;
    long remaining = rate > 0 ? (long) Math.ceil((total - done) / rate) : -1;
    if (json) {
      event(
          "progress",
          what,
          "what",
          what,
          "done",
          done,
          "total",
          total,
          "bytesPerSecond",
          (long) rate,
          "remainingSeconds",
          remaining);
      return;
    }
    String line =
        String.format(
            Locale.ROOT,
            "%s: %s of %s, %s/s, %s left",
            what,
            bytes(done),
            bytes(total),
            bytes((long) rate),
            remaining < 0 ? "unknown time" : remaining + " s");
    if (terminal) {
      stream.print("\r\u001b[K" + line);
      stream.flush();
      progressShown = true;
    } else {
      stream.println(line);
    }
  }

  private void clearProgress() {
    if (progressShown) {
      stream.print("\r\u001b[K");
      progressShown = false;
    }
  }

  /** {@code 12.3 MiB}: three significant figures, binary units. */
  public static String bytes(long count) {
    if (count < 1024) {
      return count + " B";
    }
    double value = count;
    int unit = -1;
    while (value >= 999.5 && unit < 3) {
      value /= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT,
        value < 10 ? "%.2f %siB" : value < 100 ? "%.1f %siB" : "%.0f %siB",
        value,
        "KMGT".charAt(Math.max(0, unit)));
  }

  /** {@code 12.3 ms} from nanoseconds. */
  public static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }
}
