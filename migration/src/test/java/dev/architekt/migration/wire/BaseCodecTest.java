package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages that both sides have travel as a number, and a reader that is lied to says so. */
class BaseCodecTest {
  private static final int PAGE = Bounds.PAGE_BYTES;
  private static final MemorySegment BASE = RunCodecTest.noise(8, 1);

  /** Eight pages in memory. */
  private record Eight(MemorySegment content) implements BasePages {
    @Override
    public long count() {
      return 8;
    }

    @Override
    public long find(MemorySegment page) {
      for (int i = 0; i < 8; i++) {
        if (content.asSlice((long) i * PAGE, PAGE).mismatch(page) < 0) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public void read(long first, MemorySegment target) {
      target.copyFrom(content.asSlice(first * PAGE, target.byteSize()));
    }
  }

  private static Message.Pages run(MemorySegment data, boolean settled) {
    return new Message.Pages(3, 99, (int) (data.byteSize() / PAGE), 2, settled, data);
  }

  private static byte[] written(BasePages base, Message.Pages run) throws IOException {
    Pipe pipe = new Pipe(new byte[0]);
    FrameWriter writer = new FrameWriter(pipe, new LaneMeter(), true);
    writer.base(base);
    writer.write(run);
    return pipe.written();
  }

  private static LaneReader reader(BasePages base, byte[] frames) {
    LaneReader reader =
        new LaneReader(Lane.URGENT, new Pipe(frames), new LaneMeter(), new RoundTrip());
    reader.base(base);
    return reader;
  }

  /** Base pages 2, 3 and 7 between others. */
  private static MemorySegment mixed() {
    MemorySegment data = RunCodecTest.noise(6, 2);
    MemorySegment.copy(BASE, 2L * PAGE, data, PAGE, 2L * PAGE);
    MemorySegment.copy(BASE, 7L * PAGE, data, 3L * PAGE, PAGE);
    return data;
  }

  @Test
  void whatBothHaveTravelsAsItsNumber() throws IOException {
    MemorySegment data = mixed();
    byte[] frames = written(new Eight(BASE), run(data, false));
    assertThat(frames.length).isLessThan(3 * PAGE + 400);
    LaneReader reader = reader(new Eight(BASE), frames);
    MemorySegment all = RunCodecTest.noise(6, 3);
    List<Integer> lengths = new ArrayList<>();
    for (int done = 0; done < 6; ) {
      Message.Pages part = (Message.Pages) reader.next();
      assertThat(part.region()).isEqualTo(3);
      assertThat(part.firstPage()).isEqualTo(99 + done);
      assertThat(part.round()).isEqualTo(2);
      MemorySegment.copy(part.data(), 0, all, (long) done * PAGE, part.data().byteSize());
      lengths.add(part.pages());
      done += part.pages();
    }
    assertThat(lengths).containsExactly(1, 2, 1, 2);
    assertThat(all.mismatch(data)).isNegative();
  }

  @Test
  void withTimeShortNobodySearches() throws IOException {
    byte[] frames = written(new Eight(BASE), run(mixed(), true));
    assertThat(((Message.Pages) reader(BasePages.NONE, frames).next()).pages()).isEqualTo(6);
  }

  @Test
  void anotherBaseIsFoundOut() throws IOException {
    byte[] frames = written(new Eight(BASE), run(BASE, false));
    assertThatThrownBy(() -> reader(new Eight(RunCodecTest.noise(8, 9)), frames).next())
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("content: expected checksum");
  }

  @Test
  void aReferenceToNothingIsFoundOut() throws IOException {
    byte[] frames = written(new Eight(BASE), run(BASE, false));
    assertThatThrownBy(() -> reader(BasePages.NONE, frames).next())
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("expected one to 0 base pages, found 8 from number 0 on");
  }

  @Test
  void aReferenceOfAnotherLengthIsFoundOut() {
    RunDecoder decoder = new RunDecoder();
    decoder.base(new Eight(BASE));
    ByteBuffer body = ByteBuffer.allocate(Wire.PAGES_FIELDS_BYTES + 5);
    body.put((byte) 0).put((byte) 4).putShort((short) 0).putInt(0).putShort((short) 1);
    body.rewind();
    assertThatThrownBy(() -> decoder.decode(Tag.PAGES, body, new Place(Lane.URGENT)))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("reference: expected 4 bytes, found 5");
  }
}
