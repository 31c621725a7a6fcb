package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * Writes one lane. Messages of several threads go one after the other, each whole; a writer blocks
 * until the kernel has taken everything.
 */
final class FrameWriter {
  private final ReentrantLock lock = new ReentrantLock();
  private final Transport transport;
  private final LaneMeter meter;
  private final RunEncoder runs;
  private final CodecPolicy policy;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer buffer;
  private volatile BasePages base = BasePages.NONE;
  private int sequence;

  FrameWriter(Transport transport, LaneMeter meter, boolean data) {
    this(transport, meter, data, new CodecPolicy());
  }

  FrameWriter(Transport transport, LaneMeter meter, boolean data, CodecPolicy policy) {
    this.policy = policy;
    this.transport = transport;
    this.meter = meter;
    this.runs = data ? new RunEncoder(policy) : null;
    int payload = data ? Wire.PAGES_FIELDS_BYTES + RunEncoder.COMPRESSED_MAX : 64 << 10;
    this.buffer = ByteBuffer.allocateDirect(Wire.FRAME_HEADER_BYTES + payload);
  }

  void write(Message message) throws IOException {
    lock.lock();
    try {
      switch (message) {
        case Message.Pages run -> pages(run);
        case Message.Zeroes run -> {
          buffer.clear().position(Wire.FRAME_HEADER_BYTES);
          runs.encode(run, buffer);
          frame(Tag.ZEROES, 0, null, (long) run.pages() * Bounds.PAGE_BYTES);
        }
        default -> {
          Tag tag = Tag.of(message);
          body(tag, Encoder.encode(tag, message));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stretches of pages that both sides have as references, the others with their bytes. */
  private void pages(Message.Pages run) throws IOException {
    BasePages known = base;
    // What a guest has written last is hardly a piece of its kernel's file, and time counts then.
    if (known == BasePages.NONE || run.settled()) {
      data(run);
      return;
    }
    int from = 0;
    long first = known.find(RunEncoder.part(run, 0, 1));
    while (from < run.pages()) {
      long found = first;
      long next = -1;
      int to = from + 1;
      for (; to < run.pages(); to++) {
        next = known.find(RunEncoder.part(run, to, 1));
        if (found < 0 ? next >= 0 : next != found + to - from) {
          break;
        }
      }
      if (found < 0) {
        data(part(run, from, to - from));
      } else {
        buffer.clear().position(Wire.FRAME_HEADER_BYTES);
        runs.encode(run, from, to - from, found, buffer);
        frame(Tag.PAGES, 0, null, (long) (to - from) * Bounds.PAGE_BYTES);
      }
      from = to;
      first = next;
    }
  }

  private static Message.Pages part(Message.Pages run, int from, int pages) {
    return pages == run.pages()
        ? run
        : new Message.Pages(
            run.region(),
            run.firstPage() + from,
            pages,
            run.round(),
            run.settled(),
            RunEncoder.part(run, from, pages));
  }

  private void data(Message.Pages run) throws IOException {
    buffer.clear().position(Wire.FRAME_HEADER_BYTES);
    ByteBuffer data = run.data().asByteBuffer();
    boolean raw = runs.encode(run, data, buffer);
    frame(Tag.PAGES, 0, raw ? data : null, run.data().byteSize());
  }

  /** From now on pages that equal one of these may be sent as references. */
  void base(BasePages pages) {
    base = pages;
  }

  /** A message of the wire itself, unless somebody is writing: then the lane is alive anyway. */
  void tryWrite(Tag tag, ByteBuffer body) throws IOException {
    if (!lock.tryLock()) {
      return;
    }
    try {
      body(tag, body);
    } finally {
      lock.unlock();
    }
  }

  /** A message of the wire itself, after whatever is being written. */
  void write(Tag tag, ByteBuffer body) throws IOException {
    lock.lock();
    try {
      body(tag, body);
    } finally {
      lock.unlock();
    }
  }

  private void body(Tag tag, ByteBuffer body) throws IOException {
    int room = buffer.capacity() - Wire.FRAME_HEADER_BYTES;
    do {
      int part = Math.min(room, body.remaining());
      buffer.clear().position(Wire.FRAME_HEADER_BYTES);
      buffer.put(body.slice(body.position(), part));
      body.position(body.position() + part);
      frame(tag, body.hasRemaining() ? Wire.FLAG_MORE : 0, null, 0);
    } while (body.hasRemaining());
  }

  /** Puts the header before what is in the buffer, and sends it and {@code data}. */
  private void frame(Tag tag, int flags, ByteBuffer data, long plainBytes) throws IOException {
    int end = buffer.position();
    int length = end - Wire.FRAME_HEADER_BYTES + (data == null ? 0 : data.remaining());
    buffer.putInt(0, length).put(4, (byte) tag.code()).put(5, (byte) flags).putShort(6, (short) 0);
    buffer.putInt(8, sequence++);
    crc.reset();
    crc.update(buffer.limit(Wire.FRAME_HEADER_SUMMED).position(0));
    crc.update(buffer.limit(end).position(Wire.FRAME_HEADER_BYTES));
    if (data != null) {
      crc.update(data.duplicate());
    }
    buffer.putInt(Wire.FRAME_HEADER_SUMMED, (int) crc.getValue()).position(0);
    long began = System.nanoTime();
    if (data == null) {
      transport.write(buffer);
    } else {
      transport.write(buffer, data);
    }
    long nanos = System.nanoTime() - began;
    long bytes = Wire.FRAME_HEADER_BYTES + (long) length;
    meter.count(bytes, plainBytes, nanos);
    if (plainBytes > 0) {
      policy.sent(bytes, nanos);
    }
  }
}
