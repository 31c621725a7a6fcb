package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Where the file systems of a raw disk lie: a GPT, else the four primary partitions of an MBR, else
 * the whole disk. UEFI 2.10, chapter 5.
 */
final class PartitionTable {
  private static final int SECTOR = 512;
  private static final int ENTRIES_MAX = 1024;
  private static final int ENTRY_MIN = 128;
  private static final int ENTRY_MAX = 4096;
  private static final int MBR_ENTRIES = 446;
  private static final int MBR_ENTRY = 16;
  private static final byte MBR_OF_A_GPT = (byte) 0xee;

  private static final int SUPERBLOCK = 1024;
  private static final short EXT_MAGIC = (short) 0xef53;

  private PartitionTable() {}

  /**
   * A run of bytes that may hold a file system.
   *
   * @param number as the kernel counts, or 0 for the whole disk
   * @param offset in bytes from the disk's beginning
   * @param length in bytes
   */
  record Partition(int number, long offset, long length) {
    @Override
    public String toString() {
      return number == 0 ? "the whole disk" : "partition " + number;
    }
  }

  static List<Partition> of(Path disk) throws IOException {
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
      ByteBuffer first = read(channel, 0, SECTOR);
      if (first.limit() < SECTOR || first.getShort(510) != (short) 0xaa55) {
        return List.of(new Partition(0, 0, channel.size()));
      }
      List<Partition> found =
          first.get(MBR_ENTRIES + 4) == MBR_OF_A_GPT ? gpt(channel) : mbr(first);
      long end = channel.size();
      found.removeIf(p -> p.offset() <= 0 || p.length() <= 0 || p.offset() >= end);
      return found.isEmpty() ? List.of(new Partition(0, 0, channel.size())) : found;
    }
  }

  private static List<Partition> mbr(ByteBuffer first) {
    List<Partition> found = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int at = MBR_ENTRIES + i * MBR_ENTRY;
      long start = Integer.toUnsignedLong(first.getInt(at + 8));
      long sectors = Integer.toUnsignedLong(first.getInt(at + 12));
      if (first.get(at + 4) != 0) {
        found.add(new Partition(i + 1, start * SECTOR, sectors * SECTOR));
      }
    }
    return found;
  }

  private static List<Partition> gpt(FileChannel channel) throws IOException {
    ByteBuffer header = read(channel, SECTOR, SECTOR);
    byte[] signature = new byte[8];
    if (header.limit() == SECTOR) {
      header.get(0, signature);
    }
    if (!new String(signature, StandardCharsets.ISO_8859_1).equals("EFI PART")) {
      throw new BlueprintException(
          "the disk's first sector announces a GPT, and there is none in the second: a damaged disk,"
              + " or one with sectors of 4096 bytes");
    }
    long entries = header.getLong(72);
    int count = header.getInt(80);
    int size = header.getInt(84);
    if (entries < 2
        || entries > Long.MAX_VALUE / SECTOR
        || count < 1
        || count > ENTRIES_MAX
        || size < ENTRY_MIN
        || size > ENTRY_MAX) {
      throw new BlueprintException(
          "the disk's GPT says that it has "
              + count
              + " entries of "
              + size
              + " bytes; expected 1 to "
              + ENTRIES_MAX
              + " of "
              + ENTRY_MIN
              + " to "
              + ENTRY_MAX);
    }
    List<Partition> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ByteBuffer entry = read(channel, entries * SECTOR + (long) i * size, ENTRY_MIN);
      if (entry.limit() == ENTRY_MIN && (entry.getLong(0) != 0 || entry.getLong(8) != 0)) {
        long begin = entry.getLong(32);
        long last = entry.getLong(40);
        if (begin > 0 && last >= begin && last < Long.MAX_VALUE / SECTOR) {
          found.add(new Partition(i + 1, begin * SECTOR, (last - begin + 1) * SECTOR));
        }
      }
    }
    return found;
  }

  /** Whether an ext2, ext3 or ext4 file system begins there. */
  static boolean holdsExt(Path disk, Partition partition) throws IOException {
    ByteBuffer superblock = superblock(disk, partition);
    return superblock.limit() == SUPERBLOCK && superblock.getShort(0x38) == EXT_MAGIC;
  }

  /** The UUID of the ext file system there. */
  static UUID extUuid(Path disk, Partition partition) throws IOException {
    ByteBuffer uuid = superblock(disk, partition).order(ByteOrder.BIG_ENDIAN);
    return new UUID(uuid.getLong(0x68), uuid.getLong(0x70));
  }

  private static ByteBuffer superblock(Path disk, Partition partition) throws IOException {
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.READ)) {
      return read(channel, partition.offset() + SUPERBLOCK, SUPERBLOCK);
    }
  }

  /** What there is of the bytes asked for, little-endian. */
  private static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
      // until the buffer is full or the file ends
    }
    return buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
  }
}
