package dev.architekt.archive;

import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A resource as a read-only region over its reader's cache. Closing it does nothing: the reader
 * owns the source.
 */
final class ResourceRegion implements Region {
  private final ArkReader reader;
  private final int file;
  private final Chunks chunks;

  ResourceRegion(ArkReader reader, int file, Chunks chunks) {
    this.reader = reader;
    this.file = file;
    this.chunks = chunks;
  }

  @Override
  public long size() {
    return chunks.size;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.EXTENTS);
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), chunks.size);
    long done = 0;
    while (done < target.byteSize()) {
      long at = offset + done;
      int chunk = (int) (at / chunks.chunkSize);
      int from = (int) (at % chunks.chunkSize);
      long length = Math.min(target.byteSize() - done, chunks.length(chunk) - from);
      MemorySegment piece = target.asSlice(done, length);
      if (chunks.zero(chunk)) {
        piece.fill((byte) 0);
      } else {
        byte[] content = reader.chunk(file, chunk);
        MemorySegment.copy(MemorySegment.ofArray(content), from, piece, 0, length);
      }
      done += length;
    }
  }

  @Override
  public List<Extent> extents(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, chunks.size);
    List<Extent> extents = new ArrayList<>();
    long end = offset + length;
    long start = offset;
    for (long at = offset; at < end; ) {
      int chunk = (int) (at / chunks.chunkSize);
      long chunkEnd = Math.min(end, (chunk + 1L) * chunks.chunkSize);
      boolean last = chunkEnd == end;
      if (last || chunks.zero(chunk) != chunks.zero(chunk + 1)) {
        Content content = chunks.zero(chunk) ? Content.ZERO : Content.DATA;
        extents.add(new Extent(start, chunkEnd - start, content));
        start = chunkEnd;
      }
      at = chunkEnd;
    }
    return extents;
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new UnsupportedOperationException(
        chunks.name + " of " + reader.name() + " is read-only; write to a layer above it");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
