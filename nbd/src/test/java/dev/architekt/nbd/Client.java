package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client that sends exactly what it is told to, right or wrong. */
final class Client implements AutoCloseable {
  final SocketChannel channel;
  final DataInputStream in;
  final DataOutputStream out;

  record OptionReply(int option, int type, byte[] data) {}

  /** A structured chunk, or a simple reply as a chunk of type −1 with its error as flags. */
  record Chunk(int type, int flags, long cookie, byte[] data) {}

  Client(Path socket) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    in = new DataInputStream(Channels.newInputStream(channel));
    out = new DataOutputStream(Channels.newOutputStream(channel));
  }

  Client hello() throws IOException {
    if (in.readLong() != MAGIC || in.readLong() != OPTION_MAGIC) {
      throw new IOException("no newstyle server");
    }
    int flags = in.readShort();
    if ((flags & FIXED_NEWSTYLE) == 0) {
      throw new IOException("not fixed newstyle");
    }
    out.writeInt(FIXED_NEWSTYLE | NO_ZEROES);
    return this;
  }

  void option(int option, byte[] data) throws IOException {
    out.writeLong(OPTION_MAGIC);
    out.writeInt(option);
    out.writeInt(data.length);
    out.write(data);
  }

  OptionReply optionReply() throws IOException {
    if (in.readLong() != OPTION_REPLY_MAGIC) {
      throw new IOException("no reply to an option");
    }
    int option = in.readInt();
    int type = in.readInt();
    return new OptionReply(option, type, in.readNBytes(in.readInt()));
  }

  /** Options up to the transmission, with structured replies and block status. */
  Client go(String export) throws IOException {
    option(OPT_STRUCTURED_REPLY, new byte[0]);
    optionReply();
    option(OPT_SET_META_CONTEXT, context(export, ALLOCATION));
    while (optionReply().type() == REP_META_CONTEXT) {
      // Until its acknowledgement.
    }
    return simpleGo(export);
  }

  Client simpleGo(String export) throws IOException {
    byte[] data = Bytes.join(Bytes.text(export), new byte[2]);
    option(OPT_GO, data);
    OptionReply reply;
    do {
      reply = optionReply();
    } while (reply.type() == REP_INFO);
    if (reply.type() != REP_ACK) {
      throw new IOException("GO refused: " + Integer.toHexString(reply.type()));
    }
    return this;
  }

  static byte[] context(String export, String query) {
    return Bytes.join(Bytes.text(export), Bytes.number(1), Bytes.text(query));
  }

  void request(int type, int flags, long cookie, long offset, int length, byte[] payload)
      throws IOException {
    byte[] head =
        Bytes.join(
            Bytes.number(REQUEST_MAGIC),
            new byte[] {(byte) (flags >> 8), (byte) flags, (byte) (type >> 8), (byte) type},
            Bytes.number(cookie),
            Bytes.number(offset),
            Bytes.number(length));
    out.write(Bytes.join(head, payload));
  }

  Chunk chunk() throws IOException {
    int magic = in.readInt();
    if (magic == SIMPLE_REPLY_MAGIC) {
      int error = in.readInt();
      return new Chunk(-1, error, in.readLong(), new byte[0]);
    }
    if (magic != STRUCTURED_REPLY_MAGIC) {
      throw new IOException("no reply: magic " + Integer.toHexString(magic));
    }
    int flags = in.readShort();
    int type = in.readShort() & 0xffff;
    long cookie = in.readLong();
    return new Chunk(type, flags, cookie, in.readNBytes(in.readInt()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
