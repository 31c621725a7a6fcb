package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.region.DemandRegion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * A region in a file, so that one server can go on where another was killed; its writes can be made
 * to hang.
 */
final class FileRegion implements DemandRegion {
  private final Fd file;
  private final long size;
  private final Runnable beforeWrite;

  FileRegion(String path, long size, Runnable beforeWrite) throws IOException {
    this.file = Fd.open(path, Fd.O_RDWR | Fd.O_CREAT, 0600);
    this.size = size;
    this.beforeWrite = beforeWrite;
    file.truncate(size);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.WRITE);
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    read(offset, target);
    return true;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    file.readAt(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    beforeWrite.run();
    file.writeAt(offset, source);
  }

  @Override
  public void flush() throws IOException {
    file.syncData();
  }

  @Override
  public void close() {
    file.close();
  }
}
