package dev.architekt.node.blueprint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes an archive as the kernel wants an initramfs: cpio, "newc". Owner root, time 0, so that
 * equal content makes equal bytes.
 */
final class Cpio implements AutoCloseable {
  private static final int FILE = 0100000;
  private static final int FOLDER = 0040000;
  private static final int CHARACTER_DEVICE = 0020000;

  private final OutputStream out;
  private long written;
  private int inode;

  Cpio(OutputStream out) {
    this.out = out;
  }

  void folder(String name) throws IOException {
    entry(name, FOLDER | 0755, new byte[0], 0, 0);
  }

  void file(String name, int permissions, byte[] content) throws IOException {
    entry(name, FILE | permissions, content, 0, 0);
  }

  void device(String name, int permissions, int major, int minor) throws IOException {
    entry(name, CHARACTER_DEVICE | permissions, new byte[0], major, minor);
  }

  private void entry(String name, int mode, byte[] content, int major, int minor)
      throws IOException {
    byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
    String header =
        "070701"
            + hex(++inode)
            + hex(mode)
            + hex(0) // user
            + hex(0) // group
            + hex(1) // links
            + hex(0) // time
            + hex(content.length)
            + hex(0) // device of the file itself
            + hex(0)
            + hex(major)
            + hex(minor)
            + hex(nameBytes.length)
            + hex(0); // checksum, unused in this variant
    put(header.getBytes(StandardCharsets.US_ASCII));
    put(nameBytes);
    align();
    put(content);
    align();
  }

  private static String hex(int value) {
    return String.format("%08X", value);
  }

  private void put(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  private void align() throws IOException {
    put(new byte[(int) (-written & 3)]);
  }

  @Override
  public void close() throws IOException {
    entry("TRAILER!!!", 0, new byte[0], 0, 0);
    out.close();
  }
}
