package dev.architekt.testkit.client;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A player who greets a Minetest server over UDP, is given a peer number and sent the server's
 * hello, and then keeps the session alive: reliable pings, each of which the server acknowledges to
 * that peer at that address alone, and acknowledgements of what the server sends by itself.
 */
final class MinetestConversation implements Conversation {
  private static final int PROTOCOL = 0x4f457403;
  private static final int SERVER = 1;
  private static final int RESEND_MS = 300;
  private static final int PACKET_MAX = 1500;

  private static final byte CONTROL = 0;
  private static final byte ORIGINAL = 1;
  private static final byte RELIABLE = 3;
  private static final byte ACK = 0;
  private static final byte SET_PEER_ID = 1;
  private static final byte PING = 2;
  private static final byte DISCONNECT = 3;
  private static final short FIRST_NUMBER = (short) 65_500;
  private static final short HELLO = 2;

  private final DatagramSocket socket = new DatagramSocket();
  private final byte[] buffer = new byte[PACKET_MAX];
  private short number = FIRST_NUMBER;
  private short peer;
  private boolean greeted;
  private long resent;

  MinetestConversation(String host, int port) throws IOException {
    socket.connect(new InetSocketAddress(host, port));
    socket.setSoTimeout(RESEND_MS);
    reliable(new byte[] {ORIGINAL});
    long end = System.nanoTime() + ANSWER_MS_MAX * 1_000_000L;
    while (peer == 0 || !greeted) {
      if (System.nanoTime() > end) {
        throw new IOException(
            "no welcome: peer number " + peer + (greeted ? "" : ", and no hello of the server"));
      }
      if (peer != 0) {
        send(1, init());
      }
      receive();
    }
  }

  /** The first message of a client: what it can, and its name. */
  private static byte[] init() {
    byte[] name = "traveller".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer packet = ByteBuffer.allocate(12 + name.length);
    packet.put(ORIGINAL).putShort((short) 2); // a client's init
    packet.put((byte) 29); // version of map blocks
    packet.putShort((short) 0); // compression of messages: none
    packet.putShort((short) 37).putShort((short) 41); // versions of the protocol, first and last
    packet.putShort((short) name.length).put(name);
    return packet.array();
  }

  private void send(int channel, byte[] body) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(7 + body.length);
    packet.putInt(PROTOCOL).putShort(peer).put((byte) channel).put(body);
    socket.send(new DatagramPacket(packet.array(), packet.capacity()));
  }

  /** Sends until the server acknowledges, as the protocol wants it. */
  private void reliable(byte[] body) throws IOException {
    short mine = number++;
    ByteBuffer packet = ByteBuffer.allocate(3 + body.length);
    packet.put(RELIABLE).putShort(mine).put(body);
    long end = System.nanoTime() + ANSWER_MS_MAX * 1_000_000L;
    send(0, packet.array());
    long again = System.nanoTime() + RESEND_MS * 1_000_000L;
    while (!acknowledges(receive(), mine)) {
      long now = System.nanoTime();
      if (now > end) {
        throw new IOException("the server acknowledged nothing for " + ANSWER_MS_MAX + " ms");
      }
      if (now > again) {
        resent++;
        send(0, packet.array());
        again = now + RESEND_MS * 1_000_000L;
      }
    }
  }

  private static boolean acknowledges(ByteBuffer body, short wanted) {
    return body.remaining() >= 4
        && body.get(0) == CONTROL
        && body.get(1) == ACK
        && body.getShort(2) == wanted;
  }

  /** The body of the next packet of the server, acknowledged if it wants that; else empty. */
  private ByteBuffer receive() throws IOException {
    DatagramPacket datagram = new DatagramPacket(buffer, buffer.length);
    try {
      socket.receive(datagram);
    } catch (SocketTimeoutException e) {
      return ByteBuffer.allocate(0);
    }
    ByteBuffer packet = ByteBuffer.wrap(Arrays.copyOf(buffer, datagram.getLength()));
    if (packet.remaining() < 9 || packet.getInt() != PROTOCOL || packet.getShort() != SERVER) {
      throw new IOException("not a packet of a Minetest server: " + datagram.getLength());
    }
    int channel = packet.get();
    if (packet.get(packet.position()) == RELIABLE && packet.remaining() > 4) {
      packet.get();
      short theirs = packet.getShort();
      ByteBuffer acknowledgement = ByteBuffer.allocate(4);
      send(channel, acknowledgement.put(CONTROL).put(ACK).putShort(theirs).array());
    }
    ByteBuffer body = packet.slice();
    understand(body);
    return body;
  }

  private void understand(ByteBuffer body) throws IOException {
    if (body.remaining() >= 2 && body.get(0) == CONTROL) {
      if (body.get(1) == SET_PEER_ID && body.remaining() >= 4) {
        short given = body.getShort(2);
        if (peer != 0 && given != peer) {
          throw new IOException("the server takes this client for a new one: " + given);
        }
        peer = given;
      } else if (body.get(1) == DISCONNECT) {
        throw new IOException("the server disconnected peer " + peer);
      }
    } else if (body.remaining() >= 3 && body.get(0) == ORIGINAL && body.getShort(1) == HELLO) {
      greeted = true;
    }
  }

  @Override
  public void exchange(long n) throws IOException {
    reliable(new byte[] {CONTROL, PING});
  }

  @Override
  public String identity() {
    return "peer " + peer + ", local port " + socket.getLocalPort();
  }

  @Override
  public String verify(long exchanges) {
    return exchanges + " pings acknowledged to peer " + peer + ", " + resent + " sent again";
  }

  @Override
  public void close() {
    socket.close();
  }
}
