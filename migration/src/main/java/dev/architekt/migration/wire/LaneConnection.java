package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One lane of a link: its connection, both directions of it, and what is known about it. */
final class LaneConnection {
  private final int lane;
  private final Transport transport;
  private final LaneMeter sent = new LaneMeter();
  private final LaneMeter received = new LaneMeter();
  private final RoundTrip roundTrip = new RoundTrip();
  private final FrameWriter writer;
  private final LaneReader reader;
  private final BulkQueue queue;
  private long sentBytesBefore;

  /**
   * A lane.
   *
   * @param control the link's control lane; null for that one itself
   */
  LaneConnection(int lane, Transport transport, LaneConnection control, WireOptions options) {
    this.lane = lane;
    this.transport = transport;
    this.queue =
        lane < Lane.FIRST_BULK
            ? null
            : new BulkQueue(transport.channel(), control.roundTrip(), options.bulkQueueBytes());
    this.writer = new FrameWriter(transport, sent, lane != Lane.CONTROL);
    this.reader = new LaneReader(lane, transport, received, roundTrip);
  }

  int lane() {
    return lane;
  }

  Transport transport() {
    return transport;
  }

  LaneMeter sent() {
    return sent;
  }

  LaneMeter received() {
    return received;
  }

  RoundTrip roundTrip() {
    return roundTrip;
  }

  /**
   * What references are to, from now on.
   *
   * @param send whether the other side understands them too
   */
  void base(BasePages pages, boolean send) {
    reader.base(pages);
    if (send) {
      writer.base(pages);
    }
  }

  void write(Message message) throws IOException {
    writer.write(message);
    if (queue != null) {
      queue.written(sent.bytes());
    }
  }

  Message next() throws IOException {
    return reader.next();
  }

  long silence(long now) {
    return reader.silence(now);
  }

  /** Says that this side is alive, unless what it has sent lately says so. For one thread. */
  void keepAlive() throws IOException {
    long bytes = sent.bytes();
    // Always on the control lane, since these measure the round trip too.
    if (lane == Lane.CONTROL || bytes == sentBytesBefore) {
      writer.tryWrite(Tag.KEEP_ALIVE, roundTrip.next());
    }
    sentBytesBefore = sent.bytes();
  }

  /** Says goodbye and sends no more; what arrives is still read. */
  void finish() throws IOException {
    writer.write(Tag.GOODBYE, ByteBuffer.allocate(0));
    transport.channel().shutdownOutput();
  }
}
