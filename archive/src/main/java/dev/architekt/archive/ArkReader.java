package dev.architekt.archive;

import dev.architekt.archive.ArkException.Kind;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * An open package: its manifest, and each resource as a region that reads only the chunks it needs.
 *
 * <p>Thread-safe; reads block. Opening reads the tail, the table of contents and the manifest, and
 * refuses anything whose numbers do not fit together before it allocates by them. From then on each
 * chunk is checked when it is read; what differs from what was written is an {@link ArkException}
 * that names the resource and its offsets, never data.
 */
public final class ArkReader implements AutoCloseable {
  /** How a chunk is checked each time it is read from the source. */
  public enum Checks {
    /**
     * CRC-32C of the stored bytes, CRC-32 and size of the content: finds damage, at memory speed.
     */
    CHECKSUMS,
    /** Those, and the SHA-256 of the table of contents: finds intent as well. */
    DIGESTS
  }

  /** Inflated chunks that a reader keeps, bytes. */
  static final long CACHE_MAX = 16L << 20;

  private final RangeSource source;
  private final Opened opened;
  private final Checks checks;
  private final ChunkCache cache = new ChunkCache(CACHE_MAX);

  private ArkReader(RangeSource source, Opened opened, Checks checks) {
    this.source = source;
    this.opened = opened;
    this.checks = checks;
  }

  /** Opens a file, with {@link Checks#DIGESTS}. */
  public static ArkReader open(Path path) throws IOException {
    return open(FileRange.open(path), Checks.DIGESTS);
  }

  /** Opens any source; it belongs to the reader from here on, and is closed if opening fails. */
  public static ArkReader open(RangeSource source, Checks checks) throws IOException {
    try {
      return new ArkReader(source, Opened.of(source), checks);
    } catch (IOException | RuntimeException | Error e) {
      try {
        source.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The source's name. */
  public String name() {
    return source.name();
  }

  public Manifest manifest() {
    return opened.manifest();
  }

  /**
   * {@code sha256:…} of the table of contents: whoever got it on a trusted way can trust every
   * chunk that is read with {@link Checks#DIGESTS}. eStargz's {@code toc.digest} annotation has the
   * same value.
   */
  public String indexDigest() {
    return opened.indexDigest();
  }

  /**
   * A resource as a read-only region; chunks of zeroes are {@code ZERO} extents and are never read.
   *
   * @throws ArkException if the package has no resource of that name
   */
  public Region resource(String name) throws ArkException {
    int file = file(name);
    return new ResourceRegion(this, file, opened.files().get(file));
  }

  /** A small resource whole; refuses one of more than {@code bytesMax}. */
  public byte[] bytes(String name, int bytesMax) throws IOException {
    int file = file(name);
    Chunks chunks = opened.files().get(file);
    if (chunks.size > bytesMax) {
      throw new ArkException(
          Kind.BAD_INDEX, name(), name, "at most " + bytesMax + " bytes", chunks.size + " bytes");
    }
    byte[] bytes = new byte[(int) chunks.size];
    resource(name).read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /**
   * Writes a resource to a file, with holes where it is zero; the file appears complete and
   * durable, or not at all.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left then
   */
  public void extract(String name, Path target, Progress progress)
      throws IOException, InterruptedException {
    Chunks chunks = opened.files().get(file(name));
    Region region = resource(name);
    try (TargetFile file = TargetFile.create(target);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(chunks.chunkSize);
      file.truncate(chunks.size);
      for (int chunk = 0; chunk < chunks.count(); chunk++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while extracting " + name);
        }
        long offset = (long) chunk * chunks.chunkSize;
        if (!chunks.zero(chunk)) {
          MemorySegment piece = buffer.asSlice(0, chunks.length(chunk));
          region.read(offset, piece);
          file.writeAt(offset, piece);
        }
        progress.at(offset + chunks.length(chunk), chunks.size);
      }
      file.publish();
    }
  }

  /**
   * Reads the whole package and checks every byte of it against what was written.
   *
   * @throws ArkException at the first place that differs
   * @throws InterruptedException if the thread was interrupted
   */
  public void verify(Progress progress) throws IOException, InterruptedException {
    new Verifier(source, opened).run(progress);
  }

  /** A chunk through the cache; the array is shared. */
  byte[] chunk(int file, int chunk) throws IOException {
    Chunks chunks = opened.files().get(file);
    return cache.get(
        (long) file << 32 | chunk,
        () -> ChunkReader.read(source, chunks, chunk, checks == Checks.DIGESTS));
  }

  /** Bytes of inflated chunks kept at the moment, at most {@link #CACHE_MAX}. */
  long cachedBytes() {
    return cache.bytes();
  }

  private int file(String name) throws ArkException {
    List<Chunks> files = opened.files();
    for (int file = 1; file < files.size() - 1; file++) {
      if (files.get(file).name.equals(name)) {
        return file;
      }
    }
    String there =
        String.join(", ", files.subList(1, files.size() - 1).stream().map(c -> c.name).toList());
    throw new ArkException(Kind.NO_SUCH_RESOURCE, name(), name, "one of " + there, "none");
  }

  /** Closes the source. Reads in progress are the caller's to wait for. */
  @Override
  public void close() throws IOException {
    source.close();
  }
}
