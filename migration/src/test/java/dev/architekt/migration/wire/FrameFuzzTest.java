package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Whatever arrives is a message, or one kind of exception; and it costs little memory. */
class FrameFuzzTest {
  private static final int ROUNDS = 100_000;

  // The buffers of a reader are direct and one a lane; this is about what a message can make of it.
  private static final long BYTES_MAX_EACH = 80L << 20;

  private static List<byte[]> frames() throws IOException {
    List<byte[]> frames = new ArrayList<>();
    for (Message message : Samples.all()) {
      frames.add(GoldenBytesTest.frame(message));
    }
    frames.add(RunCodecTest.frame(Codec.LZ4, RunCodecTest.text(2)));
    frames.add(RunCodecTest.frame(Codec.ZSTD, RunCodecTest.text(2)));
    return frames;
  }

  /** Makes the checksum right, so that what is behind it gets its share. */
  private static void seal(byte[] frame) {
    if (frame.length < Wire.FRAME_HEADER_BYTES) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, Wire.FRAME_HEADER_SUMMED);
    crc.update(frame, Wire.FRAME_HEADER_BYTES, frame.length - Wire.FRAME_HEADER_BYTES);
    bytes.putInt(Wire.FRAME_HEADER_SUMMED, (int) crc.getValue());
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] frame = original.clone();
    switch (random.nextInt(4)) {
      case 0 -> frame = java.util.Arrays.copyOf(frame, random.nextInt(frame.length + 1));
      case 1 -> {
        frame = java.util.Arrays.copyOf(frame, frame.length + random.nextInt(40));
        if (frame.length >= 4) {
          ByteBuffer.wrap(frame).putInt(0, frame.length - Wire.FRAME_HEADER_BYTES);
        }
      }
      default -> {}
    }
    int changes = random.nextInt(6);
    for (int i = 0; i < changes && frame.length > 0; i++) {
      // Most fields are near the front.
      int at = random.nextInt(Math.min(frame.length, random.nextBoolean() ? 64 : frame.length));
      frame[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) 0xff;
            case 1 -> 0;
            case 2 -> (byte) (frame[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt();
          };
    }
    if (random.nextInt(10) > 0) {
      seal(frame);
    }
    return frame;
  }

  @Test
  void mutatedFramesAreMessagesOrProtocolExceptions() throws IOException {
    List<byte[]> originals = frames();
    int messages = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] frame = mutated(originals.get(random.nextInt(originals.size())), random);
      int lane = random.nextInt(3);
      long before = Allocation.bytes();
      if (survives(frame, lane, seed)) {
        messages++;
      }
      long allocated = Allocation.bytes() - before;
      if (allocated > BYTES_MAX_EACH) {
        fail("seed " + seed + " allocated " + allocated + " bytes");
      }
    }
    assertThat(messages).as("mutations that are messages").isGreaterThan(ROUNDS / 100);
  }

  @Test
  void noiseIsNoMessage() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      // A tag that exists, now and then, and a length that fits.
      if (noise.length > 16 && random.nextBoolean()) {
        ByteBuffer.wrap(noise).putInt(0, noise.length - 16).putInt(8, 0).putShort(6, (short) 0);
        noise[4] = (byte) Tag.values()[random.nextInt(Tag.values().length)].code();
        noise[5] = 0;
        seal(noise);
      }
      survives(noise, random.nextInt(3), seed);
    }
  }

  /** Large and direct: one a call would test the garbage collector instead. */
  private static final ByteBuffer BUFFER = ByteBuffer.allocateDirect(FrameReader.BUFFER_BYTES);

  private static boolean survives(byte[] frame, int lane, int seed) {
    LaneReader reader =
        new LaneReader(lane, new Pipe(frame), new LaneMeter(), new RoundTrip(), BUFFER);
    try {
      return reader.next() != null;
    } catch (ProtocolException | LaneLostException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    } catch (IOException | RuntimeException | Error e) {
      return fail("seed " + seed + " on lane " + lane, e);
    }
  }
}
