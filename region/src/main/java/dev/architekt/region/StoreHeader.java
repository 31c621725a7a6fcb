package dev.architekt.region;

import dev.architekt.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;

/**
 * The durable word about a store: what it is, and which of its pages were on stable storage when
 * this was written. The file is replaced as a whole (write aside, fdatasync, rename, fsync of the
 * directory), so it is never half written, and a header that does not check is damage rather than a
 * crash.
 *
 * <p>Layout, little-endian: magic {@code ARKSTORE}, {@code u32} version, {@code u32} page size,
 * {@code u64} region size, {@code u8} clean, {@code u32} CRC32C of the maps (when clean), instance
 * and boot id as {@code u16} length and UTF-8, {@code u32} length and bytes of the presence map
 * ({@link PageBitmapCodec}), {@code u32} CRC32C of all before it.
 *
 * @param clean whether the store was closed in order and its maps can be checked against {@code
 *     mapsCrc}
 */
record StoreHeader(
    String instance, long size, String bootId, boolean clean, int mapsCrc, byte[] present) {
  static final String FILE = "header";
  static final int VERSION = 1;

  private static final long MAGIC = 0x45524f54534b5241L; // "ARKSTORE"
  private static final int FIXED = 8 + 4 + 4 + 8 + 1 + 4;
  private static final int TEXT_MAX = 255;
  private static final long BYTES_MAX = 1L << 28;

  void write(Path directory) throws IOException {
    Path aside = directory.resolve(FILE + ".new");
    byte[] instanceBytes = text(instance);
    byte[] bootBytes = text(bootId);
    int length = FIXED + 2 + instanceBytes.length + 2 + bootBytes.length + 4 + present.length + 4;
    try (Arena arena = Arena.ofConfined();
        Fd file = Fd.open(aside.toString(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_TRUNC, 0600)) {
      MemorySegment bytes = arena.allocate(length);
      ByteBuffer out = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      out.putLong(MAGIC).putInt(VERSION).putInt(Region.PAGE_SIZE).putLong(size);
      out.put((byte) (clean ? 1 : 0)).putInt(mapsCrc);
      out.putShort((short) instanceBytes.length).put(instanceBytes);
      out.putShort((short) bootBytes.length).put(bootBytes);
      out.putInt(present.length).put(present);
      out.putInt(crc(out.duplicate().flip()));
      file.writeAt(0, bytes);
      file.syncData();
    } catch (IOException e) {
      throw DataFile.typed("cannot write the header of store " + directory, e);
    }
    Files.move(aside, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directory);
  }

  /** Makes names in {@code directory} durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (Fd fd = Fd.open(directory.toString(), Fd.O_RDONLY, 0)) {
      fd.sync();
    }
  }

  static StoreHeader read(Path directory) throws IOException {
    Path path = directory.resolve(FILE);
    long length;
    try {
      length = Files.size(path);
    } catch (NoSuchFileException e) {
      throw new StoreException(path, "a store's header", "no such file");
    }
    if (length < FIXED + 12 || length > BYTES_MAX) {
      throw new StoreException(path, "a store's header", "a file of " + length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getLong(0) != MAGIC) {
      throw new StoreException(path, "magic ARKSTORE", "another file's first bytes");
    }
    int crc = in.getInt(in.limit() - 4);
    in.limit(in.limit() - 4);
    int actual = crc(in.duplicate());
    if (crc != actual) {
      throw new StoreException(path, "CRC32C " + hex(crc), hex(actual) + " (the file is damaged)");
    }
    if (in.position(8).getInt() != VERSION) {
      throw new StoreException(path, "version " + VERSION, "version " + in.getInt(8));
    }
    if (in.getInt() != Region.PAGE_SIZE) {
      throw new StoreException(path, "pages of " + Region.PAGE_SIZE, "pages of " + in.getInt(12));
    }
    long size = in.getLong();
    boolean clean = in.get() != 0;
    int mapsCrc = in.getInt();
    String instance = text(in, path);
    String boot = text(in, path);
    int count = in.remaining() < 4 ? -1 : in.getInt();
    if (count != in.remaining() || size <= 0 || size % Region.PAGE_SIZE != 0) {
      throw new StoreException(
          path, "a size of whole pages and a map to the end", size + " bytes, map of " + count);
    }
    byte[] present = new byte[count];
    in.get(present);
    return new StoreHeader(instance, size, boot, clean, mapsCrc, present);
  }

  /** The presence map as it was when the header was written. */
  PageBitmap presentPages(Path directory) throws StoreException {
    try {
      return PageBitmapCodec.decode(ByteBuffer.wrap(present), size / Region.PAGE_SIZE);
    } catch (DataFormatException e) {
      throw new StoreException(directory.resolve(FILE), "a presence map", e.getMessage());
    }
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > TEXT_MAX) {
      throw new IllegalArgumentException("1 to " + TEXT_MAX + " bytes wanted: " + text);
    }
    return bytes;
  }

  private static String text(ByteBuffer in, Path path) throws StoreException {
    int length = in.remaining() < 2 ? -1 : in.getShort();
    if (length < 1 || length > TEXT_MAX || length > in.remaining()) {
      throw new StoreException(path, "a text of 1 to " + TEXT_MAX + " bytes", "length " + length);
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  static String hex(int value) {
    return String.format("%08x", value);
  }
}
