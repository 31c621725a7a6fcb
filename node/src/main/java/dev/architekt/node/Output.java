package dev.architekt.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where a role says what it does: sentences for people, one JSON object a line for machines.
 * Thread-safe.
 *
 * <p>People see each event's text, and progress as one line that is drawn over on a terminal.
 * Machines see {@code {"event": NAME, "text": …, fields…, "at": ISO 8601}}; names and fields are
 * part of the product's contract, texts are not.
 */
public final class Output {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROGRESS = "progress";
  private static final long PROGRESS_PERIOD_NS = 200_000_000L;
  private static final long PLAIN_PROGRESS_PERIOD_NS = 5_000_000_000L;

  private final PrintStream stream;
  private final boolean json;
  private final boolean terminal;
  private LogFile log;
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

  /** Keeps every event in a file as well, as machines see it; progress is left out. */
  public synchronized void keep(LogFile file) {
    log = file;
  }

  /** Only keeps it: whoever is told has another way of hearing it. */
  public synchronized void note(String name, String text) {
    if (log != null) {
      log.line(json(name, text));
    }
  }

  /** Something happened. {@code fields} are pairs: name, value, name, value… */
  public synchronized void event(String name, String text, Object... fields) {
    clearProgress();
    if (!json) {
      stream.println(text);
    }
    if (!json && log == null) {
      return;
    }
    String line = json(name, text, fields);
    if (json) {
      stream.println(line);
      stream.flush();
    }
    if (log != null && !name.equals(PROGRESS)) {
      log.line(line);
    }
  }

  private static String json(String name, String text, Object... fields) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("event", name);
    object.put("text", text);
    for (int i = 0; i + 1 < fields.length; i += 2) {
      object.put((String) fields[i], fields[i + 1]);
    }
    object.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    try {
      return JSON.writeValueAsString(object);
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
          PROGRESS,
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
