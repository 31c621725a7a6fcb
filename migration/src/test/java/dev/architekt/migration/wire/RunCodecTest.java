package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunCodecTest {
  /** Pages that compress well. */
  static MemorySegment text(int pages) {
    byte[] line = "the quick brown fox jumps over page ".getBytes(StandardCharsets.US_ASCII);
    MemorySegment all = Arena.ofAuto().allocate((long) pages * Bounds.PAGE_BYTES);
    for (int i = 0; i < all.byteSize(); i++) {
      all.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, line[(i + i / 100) % line.length]);
    }
    return all;
  }

  static MemorySegment noise(int pages, long seed) {
    byte[] bytes = new byte[pages * Bounds.PAGE_BYTES];
    new Random(seed).nextBytes(bytes);
    return Arena.ofAuto().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  static CodecPolicy always(Codec codec) {
    return new CodecPolicy() {
      @Override
      Codec next(boolean settled) {
        return codec;
      }
    };
  }

  static byte[] frame(Codec codec, MemorySegment data) throws IOException {
    Pipe pipe = new Pipe(new byte[0]);
    int pages = (int) (data.byteSize() / Bounds.PAGE_BYTES);
    new FrameWriter(pipe, new LaneMeter(), true, always(codec))
        .write(new Message.Pages(3, 99, pages, 2, true, data));
    return pipe.written();
  }

  private static Message read(byte[] frame) throws IOException {
    return new LaneReader(Lane.URGENT, new Pipe(frame), new LaneMeter(), new RoundTrip()).next();
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"RAW", "LZ4", "ZSTD"})
  void runsComeBackAsTheyWere(Codec codec) throws IOException {
    for (int pages : new int[] {1, 7, 64}) {
      for (MemorySegment data : new MemorySegment[] {text(pages), noise(pages, pages)}) {
        byte[] frame = frame(codec, data);
        Message.Pages run = (Message.Pages) read(frame);
        assertThat(run.data().mismatch(data)).isEqualTo(-1);
        assertThat(run.firstPage()).isEqualTo(99);
        assertThat(run.settled()).isTrue();
        assertThat(frame.length)
            .isLessThanOrEqualTo(
                (int) data.byteSize() + Wire.FRAME_HEADER_BYTES + Wire.PAGES_FIELDS_BYTES);
      }
    }
    if (codec != Codec.RAW) {
      assertThat(frame(codec, text(64)).length).isLessThan(64 * Bounds.PAGE_BYTES / 10);
    }
  }

  @Test
  void contentThatChangedOnTheWayIsNoticedEndToEnd() throws IOException {
    byte[] frame = frame(Codec.RAW, text(1));
    frame[100] ^= 1;
    assertThatThrownBy(() -> read(frame))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("frame 0 (PAGES)")
        .hasMessageContaining("checksum");
    // The frame's own checksum made right, as a broken sender would.
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(frame, 0, 12);
    crc.update(frame, 16, frame.length - 16);
    ByteBuffer.wrap(frame).putInt(12, (int) crc.getValue());
    assertThatThrownBy(() -> read(frame)).hasMessageContaining("content: expected checksum");
  }

  @Test
  void zeroPagesAreFound() {
    MemorySegment data = Arena.ofAuto().allocate(10L * Bounds.PAGE_BYTES);
    assertThat(ZeroPages.run(data, 0, 10)).isEqualTo(10);
    data.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 5L * Bounds.PAGE_BYTES + 4095, (byte) 1);
    assertThat(ZeroPages.run(data, 0, 10)).isEqualTo(5);
    assertThat(ZeroPages.isZero(data, 5)).isFalse();
    assertThat(ZeroPages.run(data, 5, 10)).isEqualTo(1);
    assertThat(ZeroPages.run(data, 6, 10)).isEqualTo(4);
  }

  @Test
  void rawAndLz4RunsAllocateNextToNothing() throws IOException {
    for (Codec codec : new Codec[] {Codec.RAW, Codec.LZ4}) {
      MemorySegment data = text(64);
      Transport nowhere = new Nowhere();
      FrameWriter writer = new FrameWriter(nowhere, new LaneMeter(), true, always(codec));
      Message.Pages run = new Message.Pages(0, 0, 64, 0, true, data);
      for (int i = 0; i < 2_000; i++) {
        writer.write(run);
      }
      long before = Allocation.bytes();
      for (int i = 0; i < 1_000; i++) {
        writer.write(run);
      }
      long each = (Allocation.bytes() - before) / 1_000;
      // Views of buffers, nothing of the size of a page.
      assertThat(each).as("bytes a run of 256 KiB, %s", codec).isLessThan(2_048);
    }
  }

  /** Takes everything. */
  private static final class Nowhere implements Transport {
    @Override
    public int read(ByteBuffer target) {
      return -1;
    }

    @Override
    public void write(ByteBuffer... sources) {
      for (ByteBuffer source : sources) {
        source.position(source.limit());
      }
    }

    @Override
    public void handshake() {}

    @Override
    public java.util.Optional<Proof> proof() {
      return java.util.Optional.empty();
    }

    @Override
    public java.nio.channels.SocketChannel channel() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
