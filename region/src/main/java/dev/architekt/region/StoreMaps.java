package dev.architekt.region;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A store's live maps, mapped from files of their own: a change is one store into shared memory,
 * survives the death of this process at once, and says nothing about the host's. These are ordinary
 * files of the local disk, not memory that this process serves.
 *
 * <p>Files: {@code present} and {@code dirty}, a bit a page; {@code generation}, a byte a page;
 * {@code epochs}, the little-endian words named below. 64-bit words change atomically, so none is
 * ever seen half written.
 */
final class StoreMaps implements AutoCloseable {
  static final String PRESENT = "present";
  static final String DIRTY = "dirty";
  static final String GENERATION = "generation";
  static final String EPOCHS = "epochs";

  /** The epoch that local writes belong to. */
  static final int EPOCH = 0;

  /** The epoch through which the copy is complete, or {@link #NONE}. */
  static final int SEALED = 1;

  /**
   * Changes of this and later epochs are known; of earlier ones not. {@link #UNKNOWN}: of none so
   * far.
   */
  static final int KNOWN_FROM = 2;

  static final long NONE = -1;
  static final long UNKNOWN = Long.MAX_VALUE;

  private static final VarHandle WORDS = ValueLayout.JAVA_LONG.varHandle();
  private static final long EPOCHS_BYTES = 64;
  private static final int CRC_PIECE = 1 << 20;

  final PageBitmap present;
  final PageBitmap dirty;
  final MemorySegment generation;

  private final Arena arena;
  private final MemorySegment presentBytes;
  private final MemorySegment dirtyBytes;
  private final MemorySegment epochs;

  /** Maps the files in {@code directory}, which {@link #create} made. */
  StoreMaps(Path directory, long pages) throws IOException {
    arena = Arena.ofShared();
    try {
      presentBytes = map(directory.resolve(PRESENT), PageBitmap.bytesFor(pages));
      dirtyBytes = map(directory.resolve(DIRTY), PageBitmap.bytesFor(pages));
      generation = map(directory.resolve(GENERATION), pages);
      epochs = map(directory.resolve(EPOCHS), EPOCHS_BYTES);
      present = PageBitmap.over(presentBytes, pages);
      dirty = PageBitmap.over(dirtyBytes, pages);
      if (present.strayBits() || dirty.strayBits()) {
        throw new StoreException(
            directory.resolve(present.strayBits() ? PRESENT : DIRTY),
            "clear bits behind page " + pages,
            "set ones (the file is damaged)");
      }
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  static void create(Path directory, long pages) throws IOException {
    allocate(directory.resolve(PRESENT), PageBitmap.bytesFor(pages));
    allocate(directory.resolve(DIRTY), PageBitmap.bytesFor(pages));
    allocate(directory.resolve(GENERATION), pages);
    allocate(directory.resolve(EPOCHS), EPOCHS_BYTES);
  }

  /**
   * Real blocks, not a hole: a full disk under a mapping is a SIGBUS, which nobody could report.
   */
  private static void allocate(Path file, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer zeroes = java.nio.ByteBuffer.allocate(CRC_PIECE);
      for (long done = 0; done < bytes; ) {
        zeroes.clear().limit((int) Math.min(CRC_PIECE, bytes - done));
        done += channel.write(zeroes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw DataFile.typed("cannot create " + file, e);
    }
  }

  private MemorySegment map(Path file, long bytes) throws IOException {
    long found;
    try {
      found = Files.size(file);
    } catch (NoSuchFileException e) {
      throw new StoreException(file, "a map of " + bytes + " bytes", "no such file");
    }
    // Checked before mapping: a load behind a file's end kills the process.
    if (found != bytes) {
      throw new StoreException(file, "a map of " + bytes + " bytes", found + " bytes");
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment segment = channel.map(MapMode.READ_WRITE, 0, bytes, arena);
      segment.load();
      return segment;
    }
  }

  long word(int name) {
    return (long) WORDS.getVolatile(epochs, (long) name * Long.BYTES);
  }

  void word(int name, long value) {
    WORDS.setVolatile(epochs, (long) name * Long.BYTES, value);
  }

  /** Writes the maps to stable storage. */
  void force() {
    presentBytes.force();
    dirtyBytes.force();
    generation.force();
    epochs.force();
  }

  /** CRC32C over all maps. */
  int crc() {
    CRC32C crc = new CRC32C();
    for (MemorySegment map : new MemorySegment[] {presentBytes, dirtyBytes, generation, epochs}) {
      for (long done = 0; done < map.byteSize(); done += CRC_PIECE) {
        crc.update(map.asSlice(done, Math.min(CRC_PIECE, map.byteSize() - done)).asByteBuffer());
      }
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    arena.close();
  }
}
