package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The local copy of a region that is being moved (skeleton). */
public final class LocalStore implements DemandRegion {
  /** Whether the fresh store's pages are all here (a new, empty region) or all elsewhere. */
  public enum Start {
    /** Every page is here and zero. */
    PRESENT,
    /** Every page is absent. */
    ABSENT
  }

  /** Creates the store in {@code directory} (made if missing, must be empty). */
  public static LocalStore create(
      Path directory, String instance, long size, Start start, StoreOptions options)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Opens what {@link #create} made; {@link StoreException} when it is foreign, truncated or corrupt. */
  public static LocalStore open(Path directory, String instance, StoreOptions options)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  public static boolean exists(Path directory) {
    throw new UnsupportedOperationException();
  }

  /** Who is asked for absent pages; set before the first read of one. Pages that readers wait for are asked at once. */
  public void fetcher(Fetcher fetcher) {
    throw new UnsupportedOperationException();
  }

  public long pages() {
    throw new UnsupportedOperationException();
  }

  /**
   * Post-copy arrival of whole pages: takes those that are still absent. {@code epoch} is the one in which the sender
   * says they were last written (its own current epoch if it knows no better). How many were taken.
   */
  public int fill(long firstPage, MemorySegment data, long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** As {@link #fill}, of pages that are zero. */
  public int fillZero(long firstPage, long count, long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Pre-copy arrival of whole pages, guest not running here: overwrites. Does not set dirty bits. */
  public void receive(long firstPage, MemorySegment data, long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  public void receiveZero(long firstPage, long count, long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Makes pages absent, durably, and gives their space back. Guest not running. */
  public void forget(PageBitmap stale) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The live presence map: read only for callers. */
  public PageBitmap present() {
    throw new UnsupportedOperationException();
  }

  public long absentCount() {
    throw new UnsupportedOperationException();
  }

  /** Blocks until nothing is absent; false if the store was closed before. */
  public boolean awaitComplete() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Moves the dirty bits to {@code into}; how many. Read the pages' content after this, never before. */
  public long collectDirty(PageBitmap into) {
    throw new UnsupportedOperationException();
  }

  public long dirtyCount() {
    throw new UnsupportedOperationException();
  }

  /** Sets the epoch with which local writes mark their pages from now on; never goes back. */
  public void generation(long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  public long generation() {
    throw new UnsupportedOperationException();
  }

  /** The epoch in which a page was last written, as far as the store knows; never older than the truth. */
  public long generationOf(long page) {
    throw new UnsupportedOperationException();
  }

  /** Pages last written in an epoch newer than {@code epoch}; all pages when that is too long ago to know. */
  public PageBitmap changedSince(long epoch) {
    throw new UnsupportedOperationException();
  }

  /** What this copy is a copy of, if it is complete and sealed. */
  public Optional<Lineage> lineage() {
    throw new UnsupportedOperationException();
  }

  /** Flushes and records durably that this copy is complete through {@code epoch}. Fails while pages are absent. */
  public void sealLineage(long epoch) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Records durably that the copy goes its own way from now on. To be called before the guest may write. */
  public void breakLineage() throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean tryRead(long offset, MemorySegment target) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public long size() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<Capability> capabilities() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void trim(long offset, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Extent> extents(long offset, long length) throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void flush() throws IOException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException();
  }
}
