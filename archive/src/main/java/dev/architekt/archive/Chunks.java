package dev.architekt.archive;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * One file of a package as the table of contents knows it: where each chunk lies and its digest.
 *
 * <p>40 bytes a chunk in two flat arrays: the table of a 4 GiB memory takes 640 KiB. Filled by one
 * thread, then only read.
 */
final class Chunks {
  private static final byte[] ZERO_DIGEST =
      Sha256.of(new byte[Layout.CHUNK_SIZE], Layout.CHUNK_SIZE);

  final String name;
  final long size;
  final int chunkSize;

  /** Digest of the whole content, hexadecimal; null while it is being written. */
  String sha256;

  /** Where the last chunk's member ends in the package. */
  long end;

  private long[] offsets = new long[16];
  private byte[] digests = new byte[16 * Sha256.SIZE];
  private int count;
  private final BitSet zeroes = new BitSet();

  Chunks(String name, long size, int chunkSize) {
    this.name = name;
    this.size = size;
    this.chunkSize = chunkSize;
  }

  /** The next chunk's member starts at {@code offset} of the package. */
  void add(long offset, byte[] digest) {
    if (count == offsets.length) {
      // Grows with what was really read, never with what a header claims.
      offsets = Arrays.copyOf(offsets, count * 2);
      digests = Arrays.copyOf(digests, count * 2 * Sha256.SIZE);
    }
    offsets[count] = offset;
    System.arraycopy(digest, 0, digests, count * Sha256.SIZE, Sha256.SIZE);
    count++;
  }

  int count() {
    return count;
  }

  /** How many chunks {@link #size} bytes take. */
  long countNeeded() {
    return (size + chunkSize - 1) / chunkSize;
  }

  long offset(int chunk) {
    return offsets[chunk];
  }

  /** Where the chunk's member ends. */
  long end(int chunk) {
    return chunk + 1 < count ? offsets[chunk + 1] : end;
  }

  /** Uncompressed bytes in the chunk: the last may have fewer. */
  int length(int chunk) {
    return (int) Math.min(chunkSize, size - (long) chunk * chunkSize);
  }

  String digest(int chunk) {
    int at = chunk * Sha256.SIZE;
    return HexFormat.of().formatHex(digests, at, at + Sha256.SIZE);
  }

  boolean digestIs(int chunk, byte[] digest) {
    int at = chunk * Sha256.SIZE;
    return Arrays.equals(digests, at, at + Sha256.SIZE, digest, 0, Sha256.SIZE);
  }

  /** Whether the chunk is all zeroes; known from its digest alone, after {@link #markZeroes}. */
  boolean zero(int chunk) {
    return zeroes.get(chunk);
  }

  /** Finds the chunks that hold nothing but zeroes, before readers share this object. */
  void markZeroes() {
    if (count == 0) {
      return;
    }
    byte[] whole = zeroDigest(length(0));
    for (int chunk = 0; chunk < count - 1; chunk++) {
      zeroes.set(chunk, digestIs(chunk, whole));
    }
    zeroes.set(count - 1, digestIs(count - 1, zeroDigest(length(count - 1))));
  }

  private static byte[] zeroDigest(int length) {
    return length == Layout.CHUNK_SIZE ? ZERO_DIGEST : Sha256.of(new byte[length], length);
  }

  /**
   * Where the chunk is, for people: {@code memory, bytes 262144 to 524287 (package offset 8123)}.
   */
  String place(int chunk) {
    long first = (long) chunk * chunkSize;
    return "%s, bytes %d to %d (package offset %d)"
        .formatted(name, first, first + length(chunk) - 1, offsets[chunk]);
  }
}
