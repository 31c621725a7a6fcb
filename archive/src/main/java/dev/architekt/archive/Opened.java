package dev.architekt.archive;

import dev.architekt.archive.ArkException.Kind;
import dev.architekt.archive.Manifest.Resource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What opening a package learns: footer, then table of contents, then manifest, each checked before
 * the next is sought.
 *
 * @param files every file in order: the manifest, the resources, the landmark
 * @param indexOffset where the table of contents' member starts
 * @param indexSeconds the time in its tar header
 */
record Opened(
    List<Chunks> files,
    long indexOffset,
    long indexSeconds,
    String indexDigest,
    Manifest manifest) {
  // One read for the footer and, in most packages of up to half a gigabyte, the table of contents.
  private static final int TAIL = 64 * 1024;
  // Deflate cannot do better, so a claim beyond it is a lie that must not be allocated.
  private static final long RATIO_MAX = 1032;

  static Opened of(RangeSource source) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long size = source.size();
      MemorySegment tail = arena.allocate(Math.min(size, TAIL));
      if (size < Footer.SIZE) {
        throw notWhole(source, size + " bytes");
      }
      ChunkReader.range(source, size - tail.byteSize(), tail, "the last bytes");
      long indexOffset = footer(source, tail);
      long indexSize = size - Footer.SIZE - indexOffset;
      bound(source, "its compressed size", indexSize, Member.OVERHEAD, Layout.INDEX_COMPRESSED_MAX);
      MemorySegment member;
      if (indexSize + Footer.SIZE <= tail.byteSize()) {
        member = tail.asSlice(tail.byteSize() - Footer.SIZE - indexSize, indexSize);
      } else {
        member = arena.allocate(indexSize);
        ChunkReader.range(source, indexOffset, member, Layout.INDEX_NAME);
      }
      return index(source, member, indexOffset);
    }
  }

  private static Opened index(RangeSource source, MemorySegment member, long indexOffset)
      throws IOException {
    byte[] entry;
    try {
      Member.check(member);
      long length =
          Integer.toUnsignedLong(
              member.get(
                  ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                  member.byteSize() - 4));
      long max = Math.min(Layout.INDEX_MAX, member.byteSize() * RATIO_MAX);
      bound(source, "its size", length, Tar.BLOCK + Tar.END, max);
      entry = Member.inflate(member, (int) length);
    } catch (Corrupt e) {
      throw e.at(Kind.DAMAGED, source.name(), Layout.INDEX_NAME + " at " + indexOffset);
    }
    try {
      long jsonSize = octal(entry, 124);
      long seconds = octal(entry, 136);
      byte[] header = Tar.header(Layout.INDEX_NAME, jsonSize, seconds);
      if (!Arrays.equals(header, 0, Tar.BLOCK, entry, 0, Tar.BLOCK)
          || Tar.BLOCK + jsonSize + Tar.padding(jsonSize) + Tar.END != entry.length) {
        throw new Corrupt("a tar entry of " + entry.length + " bytes", "another header");
      }
      List<Chunks> files = IndexParser.parse(entry, Tar.BLOCK, (int) jsonSize);
      Placement.settle(files, indexOffset);
      files.forEach(Chunks::markZeroes);
      byte[] json = Arrays.copyOfRange(entry, Tar.BLOCK, Tar.BLOCK + (int) jsonSize);
      String digest = Sha256.PREFIX + HexFormat.of().formatHex(Sha256.of(json, json.length));
      Manifest manifest = manifest(source, files);
      return new Opened(List.copyOf(files), indexOffset, seconds, digest, manifest);
    } catch (Corrupt e) {
      throw e.at(Kind.BAD_INDEX, source.name(), Layout.INDEX_NAME);
    }
  }

  private static Manifest manifest(RangeSource source, List<Chunks> files)
      throws IOException, Corrupt {
    if (files.size() < 2
        || !files.getFirst().name.equals(Manifest.FILE_NAME)
        || !files.getLast().name.equals(Layout.LANDMARK_NAME)) {
      throw new Corrupt(
          "files from " + Manifest.FILE_NAME + " to " + Layout.LANDMARK_NAME,
          files.size() + " other files");
    }
    Chunks chunks = files.getFirst();
    if (chunks.count() != 1 || chunks.size > Layout.MANIFEST_MAX) {
      throw new Corrupt(
          "a manifest of at most " + Layout.MANIFEST_MAX + " bytes", chunks.size + " bytes");
    }
    Manifest manifest =
        ManifestJson.decode(ChunkReader.read(source, chunks, 0, true), source.name());
    List<Resource> stored =
        files.subList(1, files.size() - 1).stream()
            .map(file -> new Resource(file.name, file.size, file.sha256))
            .toList();
    if (!manifest.resources().equals(stored)) {
      throw new ArkException(
          Kind.BAD_MANIFEST,
          source.name(),
          Manifest.FILE_NAME + ": resources",
          "those of the table of contents: " + stored,
          manifest.resources().toString());
    }
    return manifest;
  }

  private static long footer(RangeSource source, MemorySegment tail) throws IOException {
    byte[] footer = tail.asSlice(tail.byteSize() - Footer.SIZE).toArray(ValueLayout.JAVA_BYTE);
    try {
      return Footer.decode(footer, source.size() - Footer.SIZE);
    } catch (Corrupt e) {
      byte[] intact = Footer.encode(0);
      int same = 0;
      for (int i = 0; i < footer.length; i++) {
        same += footer[i] == intact[i] ? 1 : 0;
      }
      // More than half of its fixed bytes: it is the footer, and changed. Else the end is
      // elsewhere.
      if (same > Footer.SIZE / 2) {
        throw e.at(Kind.DAMAGED, source.name(), "the footer at " + (source.size() - Footer.SIZE));
      }
      throw notWhole(source, e.found);
    }
  }

  /**
   * No footer: a package whose end is missing, or something else altogether; its first bytes tell.
   */
  private static ArkException notWhole(RangeSource source, String found) throws IOException {
    byte[] head = new byte[(int) Math.min(source.size(), 16)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(Math.max(1, head.length)).asSlice(0, head.length);
      ChunkReader.range(source, 0, first, "the first bytes");
      MemorySegment.copy(first, ValueLayout.JAVA_BYTE, 0, head, 0, head.length);
    }
    boolean ours = head.length > 0 && Member.startsLike(head);
    return new ArkException(
        ours ? Kind.TRUNCATED : Kind.NOT_A_PACKAGE,
        source.name(),
        "the last " + Footer.SIZE + " of " + source.size() + " bytes",
        "the footer of an eStargz",
        found);
  }

  private static void bound(RangeSource source, String what, long found, long min, long max)
      throws ArkException {
    if (found < min || found > max) {
      throw new ArkException(
          Kind.BAD_INDEX,
          source.name(),
          Layout.INDEX_NAME + ": " + what,
          min + " to " + max + " bytes",
          found + " bytes");
    }
  }

  private static long octal(byte[] header, int at) throws Corrupt {
    String digits = new String(header, at, 11, StandardCharsets.US_ASCII);
    try {
      return Long.parseUnsignedLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new Corrupt("an octal number in the tar header", InvalidValue.quoted(digits));
    }
  }
}
