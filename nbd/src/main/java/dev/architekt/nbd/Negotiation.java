package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;

import dev.architekt.linux.EventFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The handshake of one connection: options haggled about until one of them begins the transmission.
 * Runs on the connection's thread, with one buffer of a fixed size.
 */
final class Negotiation {
  /** What the two sides agreed on. */
  record Agreement(boolean structured, boolean allocation) {}

  private static final int OPTIONS_MAX = 1000;
  private static final int QUERIES_MAX = 64;
  private static final int ZEROES = 124;
  // What an option that is too big may carry and still be skipped; a longer one ends the
  // connection.
  private static final int SKIP_MAX = 1 << 20;

  private final Wire wire;
  private final EventFd stop;
  private final int millis;
  private final String export;
  private final long size;
  private final int flags;
  private final MemorySegment in;
  private final MemorySegment out;
  private boolean noZeroes;
  private boolean structured;
  private boolean allocation;

  Negotiation(
      Wire wire, EventFd stop, int millis, String export, long size, int flags, Arena arena) {
    this.wire = wire;
    this.stop = stop;
    this.millis = millis;
    this.export = export;
    this.size = size;
    this.flags = flags;
    this.in = arena.allocate(OPTION_MAX, 8);
    this.out = arena.allocate(OPTION_MAX + 64, 8);
  }

  /** Null when the client ended it in order. */
  Agreement run() throws IOException {
    ByteBuffer hello = out.asByteBuffer();
    hello.putLong(MAGIC).putLong(OPTION_MAGIC).putShort((short) (FIXED_NEWSTYLE | NO_ZEROES));
    send(hello);
    int clientFlags = receive(4).getInt();
    if ((clientFlags & ~(FIXED_NEWSTYLE | NO_ZEROES)) != 0) {
      throw new HandshakeException("unknown client flags 0x" + Integer.toHexString(clientFlags));
    }
    noZeroes = (clientFlags & NO_ZEROES) != 0;
    for (int i = 0; i < OPTIONS_MAX; i++) {
      ByteBuffer header = receive(16);
      long magic = header.getLong();
      if (magic != OPTION_MAGIC) {
        throw new HandshakeException(
            "expected an option, found magic 0x" + Long.toHexString(magic));
      }
      int option = header.getInt();
      long length = Integer.toUnsignedLong(header.getInt());
      if (length > OPTION_MAX) {
        tooBig(option, length);
        continue;
      }
      ByteBuffer data = receive((int) length);
      if (option == OPT_ABORT) {
        reply(option, REP_ACK);
        return null;
      }
      if (option == OPT_EXPORT_NAME) {
        exportName(data);
        return new Agreement(structured, allocation);
      }
      if (answer(option, data)) {
        return new Agreement(structured, allocation);
      }
    }
    throw new HandshakeException("more than " + OPTIONS_MAX + " options");
  }

  private void tooBig(int option, long length) throws IOException {
    if (option == OPT_EXPORT_NAME || length > SKIP_MAX) {
      throw new HandshakeException("option " + option + " of " + length + " bytes");
    }
    for (long left = length; left > 0; left -= OPTION_MAX) {
      receive((int) Math.min(left, OPTION_MAX));
    }
    error(option, REP_ERR_TOO_BIG, "at most " + OPTION_MAX + " bytes");
  }

  /** Whether the transmission begins. */
  private boolean answer(int option, ByteBuffer data) throws IOException {
    try {
      switch (option) {
        case OPT_LIST -> list(data);
        case OPT_INFO, OPT_GO -> {
          return info(option, data);
        }
        case OPT_STRUCTURED_REPLY -> {
          if (data.hasRemaining()) {
            error(option, REP_ERR_INVALID, "no data expected");
          } else {
            structured = true;
            reply(option, REP_ACK);
          }
        }
        case OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT -> metaContext(option, data);
        default -> error(option, REP_ERR_UNSUP, "unknown option " + option);
      }
    } catch (BufferUnderflowException e) {
      error(option, REP_ERR_INVALID, "the data is cut off");
    }
    return false;
  }

  private void exportName(ByteBuffer data) throws IOException {
    String name = text(data, data.remaining());
    if (!isExport(name)) {
      // The option has no way to say so.
      throw new HandshakeException("unknown export '" + name + "'");
    }
    ByteBuffer reply = out.asByteBuffer();
    reply.putLong(size).putShort((short) transmissionFlags());
    if (!noZeroes) {
      reply.put(new byte[ZEROES]);
    }
    send(reply);
  }

  private void list(ByteBuffer data) throws IOException {
    if (data.hasRemaining()) {
      error(OPT_LIST, REP_ERR_INVALID, "no data expected");
      return;
    }
    byte[] name = export.getBytes(StandardCharsets.UTF_8);
    ByteBuffer reply = header(OPT_LIST, REP_SERVER, 4 + name.length);
    send(reply.putInt(name.length).put(name));
    reply(OPT_LIST, REP_ACK);
  }

  private boolean info(int option, ByteBuffer data) throws IOException {
    String name = name(data);
    int count = data.getShort() & 0xffff;
    if (data.remaining() != 2 * count) {
      error(option, REP_ERR_INVALID, "expected " + count + " requests");
      return false;
    }
    boolean wantsName = false;
    for (int i = 0; i < count; i++) {
      wantsName |= data.getShort() == INFO_NAME;
    }
    if (!isExport(name)) {
      error(option, REP_ERR_UNKNOWN, "no such export");
      return false;
    }
    send(
        header(option, REP_INFO, 12)
            .putShort((short) INFO_EXPORT)
            .putLong(size)
            .putShort((short) transmissionFlags()));
    send(
        header(option, REP_INFO, 14)
            .putShort((short) INFO_BLOCK_SIZE)
            .putInt(BLOCK_MIN)
            .putInt(BLOCK_PREFERRED)
            .putInt(BLOCK_MAX));
    if (wantsName) {
      byte[] bytes = export.getBytes(StandardCharsets.UTF_8);
      send(header(option, REP_INFO, 2 + bytes.length).putShort((short) INFO_NAME).put(bytes));
    }
    reply(option, REP_ACK);
    return option == OPT_GO;
  }

  private void metaContext(int option, ByteBuffer data) throws IOException {
    boolean set = option == OPT_SET_META_CONTEXT;
    if (set) {
      // A selection replaces the one before it, even if it fails.
      allocation = false;
    }
    if (!structured) {
      error(option, REP_ERR_INVALID, "structured replies first");
      return;
    }
    String name = name(data);
    int queries = data.getInt();
    if (queries < 0 || queries > QUERIES_MAX) {
      error(option, REP_ERR_TOO_BIG, "at most " + QUERIES_MAX + " queries");
      return;
    }
    boolean matches = !set && queries == 0;
    for (int i = 0; i < queries; i++) {
      String query = name(data);
      matches |= query.equals(ALLOCATION) || (!set && query.equals("base:"));
    }
    if (data.hasRemaining()) {
      error(option, REP_ERR_INVALID, "bytes behind the last query");
      return;
    }
    if (!isExport(name)) {
      error(option, REP_ERR_UNKNOWN, "no such export");
      return;
    }
    if (matches) {
      byte[] context = ALLOCATION.getBytes(StandardCharsets.UTF_8);
      send(
          header(option, REP_META_CONTEXT, 4 + context.length)
              .putInt(set ? ALLOCATION_ID : 0)
              .put(context));
      allocation |= set;
    }
    reply(option, REP_ACK);
  }

  private int transmissionFlags() {
    return structured ? flags | SEND_DF : flags;
  }

  private boolean isExport(String name) {
    return name.isEmpty() || name.equals(export);
  }

  /** A u32 length and as many bytes of text. */
  private static String name(ByteBuffer data) {
    long length = Integer.toUnsignedLong(data.getInt());
    if (length > data.remaining()) {
      throw new BufferUnderflowException();
    }
    return text(data, (int) length);
  }

  private static String text(ByteBuffer data, int length) {
    byte[] bytes = new byte[length];
    data.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void reply(int option, int type) throws IOException {
    send(header(option, type, 0));
  }

  private void error(int option, int type, String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    send(header(option, type, bytes.length).put(bytes));
  }

  private ByteBuffer header(int option, int type, int length) {
    ByteBuffer reply = out.asByteBuffer();
    return reply.putLong(OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
  }

  private void send(ByteBuffer filled) throws IOException {
    wire.send(out.asSlice(0, filled.position()));
  }

  private ByteBuffer receive(int length) throws IOException {
    MemorySegment target = in.asSlice(0, length);
    wire.receiveWithin(target, stop, millis);
    return ByteBuffer.wrap(target.toArray(ValueLayout.JAVA_BYTE));
  }
}
