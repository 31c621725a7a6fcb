package dev.architekt.testkit.client;

import java.io.IOException;

/** Bytes that can be checked by their offset alone, and that do not compress. */
public final class DownloadPattern {
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private DownloadPattern() {}

  /** Of a file with this pattern, the byte at {@code offset}. */
  private static byte at(long offset) {
    long word = (offset / Long.BYTES + 1) * STEP;
    word = (word ^ word >>> 29) * STEP;
    return (byte) (word >>> offset % Long.BYTES * Byte.SIZE);
  }

  /** The first {@code length} bytes of it. */
  public static byte[] bytes(int length) {
    byte[] all = new byte[length];
    for (int i = 0; i < length; i++) {
      all[i] = at(i);
    }
    return all;
  }

  static void require(byte[] piece, int length, long offset) throws IOException {
    for (int i = 0; i < length; i++) {
      if (piece[i] != at(offset + i)) {
        throw new IOException("a wrong byte at offset " + (offset + i));
      }
    }
  }
}
