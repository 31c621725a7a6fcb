package dev.architekt.node.peer;

import dev.architekt.linux.Fd;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;

/** A file that does not change, as a region. Thread-safe. */
final class BlobRegion implements Region {
  private final Fd file;
  private final long size;

  BlobRegion(Path path) throws IOException {
    size = Files.size(path);
    file = Fd.open(path.toString(), Fd.O_RDONLY, 0);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size);
    file.readAt(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw new IOException("a kernel or initial RAM disk cannot be written");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    file.close();
  }
}
