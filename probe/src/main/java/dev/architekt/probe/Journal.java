package dev.architekt.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What was written to each key: the last write that was acknowledged, and the last that was sent. A
 * write between the two may or may not have been applied; one up to the first must have been.
 *
 * <p>Threads: a key belongs to one connection; {@link #sent} is called by its sender, {@link
 * #acknowledged} by its receiver. Reading is exact once those have ended.
 */
public final class Journal {
  private static final String HEADER = "architekt-journal 1";

  private final long seed;
  private final int valueBytes;
  private final long[] sent;
  private final long[] acknowledged;

  Journal(long seed, int valueBytes, int keys) {
    this.seed = seed;
    this.valueBytes = valueBytes;
    this.sent = new long[keys];
    this.acknowledged = new long[keys];
  }

  /** The number of the next write to the key; numbers start at 1. */
  long sent(int key) {
    return ++sent[key];
  }

  void acknowledged(int key, long sequence) {
    acknowledged[key] = sequence;
  }

  public int keys() {
    return sent.length;
  }

  public int valueBytes() {
    return valueBytes;
  }

  long seed() {
    return seed;
  }

  /** Number of the last write that was sent, 0 when there was none. */
  public long lastSent(int key) {
    return sent[key];
  }

  /** Number of the last write that was acknowledged, 0 when there was none. */
  public long lastAcknowledged(int key) {
    return acknowledged[key];
  }

  /** The key as the server knows it; all are of one length. */
  static String name(int key) {
    String digits = Integer.toString(key);
    return "k:" + "00000000".substring(digits.length()) + digits;
  }

  /** Writes it as text, a line a key that was written to: key, acknowledged, sent. */
  public void save(Path file) throws IOException {
    try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write(HEADER + " " + seed + " " + valueBytes + " " + sent.length + "\n");
      for (int key = 0; key < sent.length; key++) {
        if (sent[key] != 0) {
          out.write(key + " " + acknowledged[key] + " " + sent[key] + "\n");
        }
      }
    }
  }

  /**
   * @throws IOException when the file is no journal
   */
  public static Journal load(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    try {
      String[] header = lines.getFirst().split(" ");
      if (!lines.getFirst().startsWith(HEADER + " ") || header.length != 5) {
        throw new IOException(
            file + " is no journal: its first line is '" + lines.getFirst() + "'");
      }
      int keys = Integer.parseInt(header[4]);
      // The profile's own bound, checked before anything of that size is allocated.
      new LoadProfile("journal", 1, 0, Integer.parseInt(header[3]), keys);
      var journal = new Journal(Long.parseLong(header[2]), Integer.parseInt(header[3]), keys);
      for (String line : lines.subList(1, lines.size())) {
        String[] fields = line.split(" ");
        int key = Integer.parseInt(fields[0]);
        journal.acknowledged[key] = Long.parseLong(fields[1]);
        journal.sent[key] = Long.parseLong(fields[2]);
      }
      return journal;
    } catch (RuntimeException e) {
      throw new IOException(file + " is damaged or no journal", e);
    }
  }
}
