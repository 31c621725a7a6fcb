package dev.architekt.migration.wire;

import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Turns the frames of one lane into messages. For one thread. */
final class LaneReader {
  private static final int PIECES_START = 1 << 20;

  private final int lane;
  private final FrameReader frames;
  private final LaneMeter meter;
  private final Place place;
  private final RoundTrip roundTrip;
  private final RunDecoder runs = new RunDecoder();

  LaneReader(int lane, Transport transport, LaneMeter meter, RoundTrip roundTrip) {
    this(lane, transport, meter, roundTrip, ByteBuffer.allocateDirect(FrameReader.BUFFER_BYTES));
  }

  LaneReader(
      int lane, Transport transport, LaneMeter meter, RoundTrip roundTrip, ByteBuffer buffer) {
    this.lane = lane;
    this.meter = meter;
    this.place = new Place(lane);
    this.frames = new FrameReader(lane, transport, meter, place, buffer);
    this.roundTrip = roundTrip;
  }

  /** As in {@link FrameReader#silence}. */
  long silence(long now) {
    return frames.silence(now);
  }

  /** What references are to, from now on; from any thread. */
  void base(BasePages pages) {
    runs.base(pages);
  }

  /**
   * The next message; waits for it. Null once the other side says that it sends no more; an end
   * without that is a LaneLostException.
   */
  Message next() throws IOException {
    while (true) {
      ByteBuffer payload = frames.next();
      if (payload == null) {
        throw new LaneLostException(lane, "the other side closed the connection", null);
      }
      Tag tag = frames.tag();
      switch (tag) {
        case KEEP_ALIVE -> roundTrip.heard(payload, place);
        case GOODBYE -> {
          return null;
        }
        case PAGES, ZEROES -> {
          return run(tag, payload);
        }
        default -> {
          return Decoder.decode(tag, frames.more() ? whole(tag, payload) : payload, place);
        }
      }
    }
  }

  private Message run(Tag tag, ByteBuffer payload) throws IOException {
    Message message = runs.decode(tag, payload, place);
    if (message instanceof Message.Pages pages) {
      meter.countPlain(pages.data().byteSize());
    }
    return message;
  }

  /** Puts a long message together. Memory grows with what has arrived, not with what is claimed. */
  private ByteBuffer whole(Tag tag, ByteBuffer first) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(Math.min(tag.bytesMax(), PIECES_START)).put(first);
    boolean more;
    do {
      ByteBuffer piece = frames.next();
      if (piece == null) {
        throw place.broken("the connection ended inside a message");
      }
      if (frames.tag() != tag) {
        throw place.broken("expected the next piece of " + tag);
      }
      more = frames.more();
      long needed = (long) all.position() + piece.remaining();
      if (needed > tag.bytesMax()) {
        throw place.broken("message: expected at most " + tag.bytesMax() + " bytes, found more");
      }
      if (needed > all.capacity()) {
        int size = (int) Math.min(tag.bytesMax(), Math.max(needed, 2L * all.capacity()));
        all = ByteBuffer.allocate(size).put(all.flip());
      }
      all.put(piece);
    } while (more);
    return all.flip();
  }
}
