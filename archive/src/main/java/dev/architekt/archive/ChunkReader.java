package dev.architekt.archive;

import dev.architekt.archive.ArkException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Reads one chunk from its source and lets nothing through that was not written. */
final class ChunkReader {
  private ChunkReader() {}

  static byte[] read(RangeSource source, Chunks chunks, int chunk, boolean digest)
      throws IOException {
    long offset = chunks.offset(chunk);
    try (Arena arena = Arena.ofConfined()) {
      // Bounded: the placement was held against the most that a chunk of this length can take.
      MemorySegment member = arena.allocate(chunks.end(chunk) - offset);
      range(source, offset, member, chunks.place(chunk));
      Member.check(member);
      byte[] content = Member.inflate(member, chunks.length(chunk));
      if (digest) {
        checkDigest(chunks, chunk, content);
      }
      return content;
    } catch (Corrupt e) {
      throw e.at(Kind.DAMAGED, source.name(), chunks.place(chunk));
    }
  }

  static void checkDigest(Chunks chunks, int chunk, byte[] content) throws Corrupt {
    byte[] found = Sha256.of(content, content.length);
    if (!chunks.digestIs(chunk, found)) {
      throw new Corrupt("SHA-256 " + chunks.digest(chunk), HexFormat.of().formatHex(found));
    }
  }

  /** Reads a range; a source that has become shorter since it was opened is a truncated package. */
  static void range(RangeSource source, long offset, MemorySegment target, String where)
      throws IOException {
    try {
      source.read(offset, target);
    } catch (EOFException e) {
      throw new ArkException(
          Kind.TRUNCATED,
          source.name(),
          where,
          target.byteSize() + " bytes from " + offset,
          "the end",
          e);
    }
  }
}
