package dev.architekt.node.state;

import dev.architekt.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small record that is replaced whole and survives a crash of the host: once {@link #write}
 * returns, the new content is on stable storage; a crash in the middle leaves the old one.
 *
 * <p>Two slots of one disk block take turns, each with a sequence number and a checksum, so that a
 * write overwrites only the older one. The file never grows after its creation: a write is one
 * O_DSYNC block and no journal commit of the file system, which keeps it cheap enough for the
 * switch-over of a migration. Thread-safe.
 */
public final class DurableRecord implements AutoCloseable {
  /** The longest content, in bytes. */
  public static final int LENGTH_MAX = 4096 - 24;

  private static final int SLOT = 4096;
  private static final int MAGIC = 0x41524b52; // "ARKR"
  private static final int HEADER = 24; // magic u32, length u32, sequence u64, CRC32C u32, padding

  private final Path path;
  private final Fd file;
  private long sequence;
  private byte[] content;

  private DurableRecord(Path path, Fd file) {
    this.path = path;
    this.file = file;
  }

  /** Opens the record at {@code path}, creating an empty one if there is none. */
  public static DurableRecord open(Path path) throws IOException {
    Fd file = Fd.open(path.toString(), Fd.O_RDWR | Fd.O_CREAT | Fd.O_DSYNC, 0600);
    DurableRecord record = new DurableRecord(path, file);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment both = arena.allocate(2 * SLOT, 8);
      long read = file.readAt(0, both);
      if (read < 2 * SLOT) {
        file.writeAt(0, arena.allocate(2 * SLOT, 8));
        file.sync();
      } else {
        record.load(both.asSlice(0, SLOT));
        record.load(both.asSlice(SLOT, SLOT));
      }
      return record;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void load(MemorySegment slot) {
    int length = slot.get(ValueLayout.JAVA_INT, 4);
    if (slot.get(ValueLayout.JAVA_INT, 0) != MAGIC || length < 0 || length > LENGTH_MAX) {
      return;
    }
    long slotSequence = slot.get(ValueLayout.JAVA_LONG, 8);
    byte[] bytes = slot.asSlice(HEADER, length).toArray(ValueLayout.JAVA_BYTE);
    if (slot.get(ValueLayout.JAVA_INT, 16) == checksum(slotSequence, bytes)
        && slotSequence > sequence) {
      sequence = slotSequence;
      content = bytes;
    }
  }

  /** What was written last; empty if nothing ever was. */
  public synchronized Optional<byte[]> read() {
    return Optional.ofNullable(content).map(byte[]::clone);
  }

  /** Replaces the content, durably. */
  public synchronized void write(byte[] bytes) throws IOException {
    if (bytes.length > LENGTH_MAX) {
      throw new IllegalArgumentException(
          path + ": record of " + bytes.length + " bytes, at most " + LENGTH_MAX);
    }
    long next = sequence + 1;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slot = arena.allocate(SLOT, 8);
      slot.set(ValueLayout.JAVA_INT, 0, MAGIC);
      slot.set(ValueLayout.JAVA_INT, 4, bytes.length);
      slot.set(ValueLayout.JAVA_LONG, 8, next);
      slot.set(ValueLayout.JAVA_INT, 16, checksum(next, bytes));
      MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, HEADER, bytes.length);
      file.writeAt((next % 2) * SLOT, slot);
    }
    sequence = next;
    content = bytes.clone();
  }

  private static int checksum(long sequence, byte[] bytes) {
    CRC32C crc = new CRC32C();
    for (int shift = 0; shift < 64; shift += 8) {
      crc.update((int) (sequence >>> shift) & 0xff);
    }
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    file.close();
  }
}
