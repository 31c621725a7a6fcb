package dev.architekt.node.packager;

import dev.architekt.node.Output;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Shows a guest's console, line by line as it grows, until it is closed. */
final class ConsoleFeed implements AutoCloseable {
  private static final long PERIOD_MILLIS = 100;
  private static final long END_MILLIS = 10_000;
  private static final int LINE_MAX = 4096;
  private static final int PIECE = 64 << 10;

  private final Path file;
  private final Output output;
  private final StringBuilder line = new StringBuilder();
  private final Thread reader = Thread.ofPlatform().daemon().name("console").unstarted(this::run);
  private volatile boolean closed;
  private long shown;

  private ConsoleFeed(Path file, Output output) {
    this.file = file;
    this.output = output;
  }

  static ConsoleFeed start(Path file, Output output) {
    ConsoleFeed feed = new ConsoleFeed(file, output);
    feed.reader.start();
    return feed;
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = closed; // what came before it was closed is shown
      try {
        showNew();
        Thread.sleep(last ? 0 : PERIOD_MILLIS);
      } catch (IOException e) {
        output.event("console-lost", "warning: the guest's console: " + e.getMessage());
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void showNew() throws IOException {
    try (RandomAccessFile console = new RandomAccessFile(file.toFile(), "r")) {
      if (console.length() < shown) {
        shown = 0; // its beginning was cut off
      }
      console.seek(shown);
      byte[] piece = new byte[PIECE];
      for (int read = console.read(piece); read > 0; read = console.read(piece)) {
        shown += read;
        take(new String(piece, 0, read, StandardCharsets.ISO_8859_1));
      }
    }
  }

  /** A guest may write anything: what would move a terminal's cursor is left out. */
  private void take(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || line.length() == LINE_MAX) {
        output.event("console", "  | " + line, "line", line.toString());
        line.setLength(0);
      }
      if (c >= ' ' && c < 0x7f || c == '\t') {
        line.append(c);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      reader.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
