package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Refuses every change with {@link ReadOnlyFileSystemException}: whoever tries one has not asked
 * what it can do.
 */
public final class ReadOnlyRegion extends Layer {
  public ReadOnlyRegion(Region below) {
    super(below);
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> able = EnumSet.noneOf(Capability.class);
    able.addAll(below.capabilities());
    able.retainAll(EnumSet.of(Capability.EXTENTS));
    return able;
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void zero(long offset, long length) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void trim(long offset, long length) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void flush() throws IOException {
    // Nothing was written through here.
  }
}
