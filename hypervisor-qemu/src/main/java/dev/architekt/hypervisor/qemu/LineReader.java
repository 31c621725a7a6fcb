package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines of bounded length. What it reads comes from another process,
 * which may be under a hostile guest's control. Not thread-safe.
 */
final class LineReader {
  /** The longest line, in bytes; real answers stay far below. */
  static final int LINE_MAX = 4 << 20;

  private final String name;
  private byte[] bytes = new byte[8 << 10];
  private int start;
  private int end;
  private int scanned;

  /**
   * @param name what messages call the stream
   */
  LineReader(String name) {
    this.name = name;
  }

  /** Appends {@code length} bytes; a line that grows over the bound is an {@link IOException}. */
  void append(byte[] source, int length) throws IOException {
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      scanned -= start;
      end -= start;
      start = 0;
    }
    if (end + length > LINE_MAX) {
      throw new IOException(name + ": a line of more than " + LINE_MAX + " bytes");
    }
    if (end + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(LINE_MAX, Math.max(end + length, 2 * bytes.length)));
    }
    System.arraycopy(source, 0, bytes, end, length);
    end += length;
  }

  /** The next whole line without its end, or null when there is none yet. */
  byte[] next() {
    for (; scanned < end; scanned++) {
      if (bytes[scanned] == '\n') {
        byte[] line = Arrays.copyOfRange(bytes, start, scanned);
        start = ++scanned;
        return line;
      }
    }
    return null;
  }

  /** Forgets all that was appended. */
  void clear() {
    start = 0;
    end = 0;
    scanned = 0;
  }
}
