package dev.architekt.node.instance;

import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.PageSet;
import dev.architekt.node.state.StateDirectory;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The {@link KeptState} of a granted switch-over on disk. {@link #write} survives {@code kill -9}
 * of this process and costs a copy into the page cache; {@link #flush} makes it survive the host.
 *
 * <pre>
 *   magic u32 · CRC32C of what follows u32 · session 16 · attempt u32 · stopped at i64
 *   sets u32 × {region u32, words u32, words × u64} · frames u32 × {length u32, bytes}
 *   device u32, bytes                                                        all big-endian
 * </pre>
 */
public final class KeptStateFile {
  private static final int MAGIC = 0x41524b53; // "ARKS"
  private static final int HEADER = 8;
  private static final long BYTES_MAX = 512L << 20;

  private final Path file;
  private final Path fresh;

  public KeptStateFile(StateDirectory state) {
    file = state.file("kept-state");
    fresh = state.file("kept-state.new");
  }

  /** Replaces what was kept: after a crash of this process there is the old one or the new one. */
  public void write(KeptState state) throws IOException {
    byte[] head = encode(state);
    ByteBuffer device = state.device().asByteBuffer();
    CRC32C crc = new CRC32C();
    crc.update(head, HEADER, head.length - HEADER);
    crc.update(device.duplicate());
    ByteBuffer first = ByteBuffer.wrap(head);
    first.putInt(0, MAGIC).putInt(4, (int) crc.getValue());
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer[] all = {first, device};
      while (device.hasRemaining() || first.hasRemaining()) {
        channel.write(all);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Everything but the device state's bytes, with room for magic and checksum. */
  private static byte[] encode(KeptState state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    DataOutputStream to = new DataOutputStream(bytes);
    to.writeLong(0);
    to.writeLong(state.session().getMostSignificantBits());
    to.writeLong(state.session().getLeastSignificantBits());
    to.writeInt(state.attempt());
    to.writeLong(state.stoppedAtUnixNanos());
    to.writeInt(state.missing().size());
    for (PageSet set : state.missing()) {
      to.writeInt(set.region());
      to.writeInt(set.words().length);
      for (long word : set.words()) {
        to.writeLong(word);
      }
    }
    to.writeInt(state.frames().size());
    for (byte[] frame : state.frames()) {
      to.writeInt(frame.length);
      to.write(frame);
    }
    to.writeInt((int) state.device().byteSize());
    return bytes.toByteArray();
  }

  /**
   * What was kept last; empty when nothing was, or when the host crashed before it was flushed.
   *
   * @throws IOException when the file cannot be read
   */
  public Optional<KeptState> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    long size = Files.size(file);
    if (size < HEADER || size > BYTES_MAX) {
      return Optional.empty();
    }
    CRC32C crc = new CRC32C();
    try (InputStream all = Files.newInputStream(file)) {
      ByteBuffer header = ByteBuffer.wrap(all.readNBytes(HEADER));
      byte[] part = new byte[1 << 16];
      for (int n = all.read(part); n >= 0; n = all.read(part)) {
        crc.update(part, 0, n);
      }
      if (header.getInt() != MAGIC || header.getInt() != (int) crc.getValue()) {
        return Optional.empty();
      }
    }
    try (DataInputStream from =
        new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      from.skipNBytes(HEADER);
      return Optional.of(decode(from));
    }
  }

  private KeptState decode(DataInputStream from) throws IOException {
    UUID session = new UUID(from.readLong(), from.readLong());
    int attempt = from.readInt();
    long stoppedAt = from.readLong();
    int setCount = bounded("sets", from.readInt(), Bounds.REGIONS_MAX);
    List<PageSet> sets = new ArrayList<>(setCount);
    for (int i = 0; i < setCount; i++) {
      int region = from.readInt();
      long[] words = new long[bounded("words", from.readInt(), PageSet.WORDS_MAX)];
      for (int word = 0; word < words.length; word++) {
        words[word] = from.readLong();
      }
      sets.add(new PageSet(region, words));
    }
    int frameCount = bounded("frames", from.readInt(), Bounds.FRAMES_MAX);
    List<byte[]> frames = new ArrayList<>(frameCount);
    for (int i = 0; i < frameCount; i++) {
      frames.add(from.readNBytes(bounded("frame", from.readInt(), Bounds.FRAME_BYTES_MAX)));
    }
    int length = bounded("device state", from.readInt(), Bounds.STATE_BYTES_MAX);
    MemorySegment device = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, length), 8);
    MemorySegment.copy(from.readNBytes(length), 0, device, ValueLayout.JAVA_BYTE, 0, length);
    return new KeptState(session, attempt, stoppedAt, sets, frames, device.asSlice(0, length));
  }

  private int bounded(String what, int value, int most) throws IOException {
    if (value < 0 || value > most) {
      throw new IOException(
          "%s: %d %s, expected 0 to %d; it was written by another version"
              .formatted(file, value, what, most));
    }
    return value;
  }

  /** What was written survives the host from here on. */
  public void flush() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /** Nothing is kept any more. */
  public void delete() throws IOException {
    Files.deleteIfExists(fresh);
    Files.deleteIfExists(file);
  }
}
