package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Replies to requests, simple or structured. A reply's header is put into the slot's buffer right
 * before the payload, so that both go out with one call and without a copy.
 */
final class Replies {
  private static final int SIMPLE = 16;
  private static final int CHUNK = 20;
  private static final int MESSAGE_MAX = 512;
  private static final int SMALL = MESSAGE_MAX + 64;

  private final Wire wire;
  private final boolean structured;

  Replies(Wire wire, boolean structured) {
    this.wire = wire;
    this.structured = structured;
  }

  /** A READ's answer; the data is in the slot's payload. */
  void data(Slot slot) throws IOException {
    if (!structured) {
      MemorySegment reply = from(slot, SIMPLE, slot.length);
      simple(reply, slot.cookie, 0);
      wire.send(reply);
      return;
    }
    if (slot.length == 0) {
      done(slot);
      return;
    }
    MemorySegment reply = from(slot, CHUNK + 8, slot.length);
    chunk(reply, CHUNK_OFFSET_DATA, slot.cookie, 8 + slot.length);
    reply.set(Wire.LONG, CHUNK, slot.offset);
    wire.send(reply);
  }

  /** A BLOCK_STATUS's answer; its descriptors are in the slot's payload. */
  void status(Slot slot, int descriptors) throws IOException {
    long length = descriptors * 8L;
    MemorySegment reply = from(slot, CHUNK + 4, length);
    chunk(reply, CHUNK_BLOCK_STATUS, slot.cookie, 4 + length);
    reply.set(Wire.INT, CHUNK, ALLOCATION_ID);
    wire.send(reply);
  }

  /** Success without data. */
  void done(Slot slot) throws IOException {
    MemorySegment reply = slot.buffer(SMALL).asSlice(0, structured ? CHUNK : SIMPLE);
    if (structured) {
      chunk(reply, CHUNK_NONE, slot.cookie, 0);
    } else {
      simple(reply, slot.cookie, 0);
    }
    wire.send(reply);
  }

  void error(Slot slot, int error, String message) throws IOException {
    slot.reset();
    MemorySegment buffer = slot.buffer(SMALL);
    if (!structured) {
      MemorySegment reply = buffer.asSlice(0, SIMPLE);
      simple(reply, slot.cookie, error);
      wire.send(reply);
      return;
    }
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    text = text.length > MESSAGE_MAX ? Arrays.copyOf(text, MESSAGE_MAX) : text;
    MemorySegment reply = buffer.asSlice(0, CHUNK + 6 + text.length);
    chunk(reply, CHUNK_ERROR, slot.cookie, 6 + text.length);
    reply.set(Wire.INT, CHUNK, error);
    reply.set(Wire.SHORT, CHUNK + 4, (short) text.length);
    MemorySegment.copy(text, 0, reply, ValueLayout.JAVA_BYTE, CHUNK + 6, text.length);
    wire.send(reply);
  }

  /** The slot's buffer from {@code head} bytes before its payload. */
  private static MemorySegment from(Slot slot, int head, long payload) {
    return slot.filled().asSlice(Slot.HEAD - head, head + payload);
  }

  private static void simple(MemorySegment reply, long cookie, int error) {
    reply.set(Wire.INT, 0, SIMPLE_REPLY_MAGIC);
    reply.set(Wire.INT, 4, error);
    reply.set(Wire.LONG, 8, cookie);
  }

  private static void chunk(MemorySegment reply, int type, long cookie, long length) {
    reply.set(Wire.INT, 0, STRUCTURED_REPLY_MAGIC);
    reply.set(Wire.SHORT, 4, (short) CHUNK_DONE);
    reply.set(Wire.SHORT, 6, (short) type);
    reply.set(Wire.LONG, 8, cookie);
    reply.set(Wire.INT, 16, (int) length);
  }
}
