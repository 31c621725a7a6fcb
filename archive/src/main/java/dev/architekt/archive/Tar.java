package dev.architekt.archive;

import java.nio.charset.StandardCharsets;

/** Tar headers of regular files, the only kind that a package has. */
final class Tar {
  static final int BLOCK = 512;
  static final int MODE = 0644;

  /** The end of an archive: two blocks of zeroes. */
  static final int END = 2 * BLOCK;

  private static final long OCTAL_MAX = 1L << 33;

  private Tar() {}

  /** The bytes that fill a file of {@code size} bytes up to a whole block. */
  static int padding(long size) {
    return (int) (-size & (BLOCK - 1));
  }

  /**
   * The header of a file owned by root, changed at {@code seconds} since 1970. POSIX ustar; from 8
   * GiB on the size is binary, as GNU tar, Python and Go read and write it.
   */
  static byte[] header(String name, long size, long seconds) {
    byte[] block = new byte[BLOCK];
    byte[] path = name.getBytes(StandardCharsets.US_ASCII);
    if (path.length > 100) {
      throw new IllegalArgumentException("tar entry name of " + path.length + " bytes");
    }
    System.arraycopy(path, 0, block, 0, path.length);
    octal(block, 100, 8, MODE);
    octal(block, 108, 8, 0);
    octal(block, 116, 8, 0);
    if (size < OCTAL_MAX) {
      octal(block, 124, 12, size);
      text(block, 257, "ustar\0" + "00");
    } else {
      block[124] = (byte) 0x80;
      for (int i = 0; i < 8; i++) {
        block[135 - i] = (byte) (size >>> (8 * i));
      }
      text(block, 257, "ustar  \0");
    }
    octal(block, 136, 12, seconds);
    block[156] = '0';
    text(block, 265, "root");
    text(block, 297, "root");
    text(block, 148, "        ");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    text(block, 148, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void octal(byte[] block, int at, int width, long value) {
    text(block, at, ("%0" + (width - 1) + "o").formatted(value));
  }

  private static void text(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
