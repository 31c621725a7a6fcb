package dev.architekt.archive;

/** Sizes and names that writer and reader share. */
final class Layout {
  /** What writers cut resources into, bytes. */
  static final int CHUNK_SIZE = 256 * 1024;

  /** What readers accept, bytes: a chunk is inflated whole. */
  static final int CHUNK_SIZE_MAX = 4 * 1024 * 1024;

  /** A table of contents, compressed: enough for a resource of 256 GiB. */
  static final long INDEX_COMPRESSED_MAX = 64L << 20;

  /** A table of contents, inflated. */
  static final long INDEX_MAX = 256L << 20;

  /** A manifest: one chunk. */
  static final int MANIFEST_MAX = CHUNK_SIZE;

  static final String INDEX_NAME = "stargz.index.json";
  static final String LANDMARK_NAME = ".no.prefetch.landmark";
  static final byte[] LANDMARK = {0x0f};

  private Layout() {}

  /**
   * What lies between two files' contents: the padding of the one, and the header of the next
   * unless null.
   */
  static byte[] gap(long sizeBefore, byte[] nextHeader) {
    int padding = Tar.padding(sizeBefore);
    byte[] gap = new byte[padding + (nextHeader == null ? 0 : Tar.BLOCK)];
    if (nextHeader != null) {
      System.arraycopy(nextHeader, 0, gap, padding, Tar.BLOCK);
    }
    return gap;
  }

  /** How many bytes of the package that takes; nothing to say takes none. */
  static int gapSize(long sizeBefore, boolean header) {
    int length = Tar.padding(sizeBefore) + (header ? Tar.BLOCK : 0);
    return length == 0 ? 0 : Member.storedSize(length);
  }
}
