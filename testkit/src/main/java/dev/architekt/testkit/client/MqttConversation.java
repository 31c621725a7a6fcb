package dev.architekt.testkit.client;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A publisher and a subscriber (MQTT 3.1.1, quality of service 1), each on a connection of its own:
 * every message is acknowledged to the one and reaches the other, once and in order.
 */
final class MqttConversation implements Conversation {
  private static final String TOPIC = "moved/messages";
  private static final int CONNECT = 0x10;
  private static final int CONNACK = 0x20;
  private static final int PUBLISH = 0x32;
  private static final int PUBACK = 0x40;
  private static final int SUBSCRIBE = 0x82;
  private static final int SUBACK = 0x90;
  private static final int ID_MAX = 0xffff;
  private static final int LENGTH_MAX = 1 << 16;

  private final Line publisher;
  private final Line subscriber;

  MqttConversation(String host, int port) throws IOException {
    publisher = connect(host, port, "publisher");
    subscriber = connect(host, port, "subscriber");
    send(
        subscriber,
        SUBSCRIBE,
        body -> {
          body.writeShort(1);
          body.writeUTF(TOPIC);
          body.writeByte(1);
        });
    byte[] answer = expect(subscriber, SUBACK);
    if (answer[2] != 1) {
      throw new IOException("the broker refused the subscription: code " + answer[2]);
    }
  }

  private static Line connect(String host, int port, String name) throws IOException {
    Line line = new Line(host, port);
    send(
        line,
        CONNECT,
        body -> {
          body.writeUTF("MQTT");
          body.writeByte(4); // 3.1.1
          body.writeByte(2); // a clean session
          body.writeShort(60); // seconds without a word after which the broker hangs up
          body.writeUTF(name);
        });
    byte[] answer = expect(line, CONNACK);
    if (answer[1] != 0) {
      throw new IOException("the broker refused the connection: code " + answer[1]);
    }
    return line;
  }

  /** Writes the body of a packet. */
  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private static void send(Line line, int type, Body body) throws IOException {
    var bytes = new ByteArrayOutputStream();
    body.write(new DataOutputStream(bytes));
    var packet = new ByteArrayOutputStream();
    packet.write(type);
    int left = bytes.size();
    do {
      packet.write(left > 127 ? left % 128 | 128 : left);
      left /= 128;
    } while (left > 0);
    bytes.writeTo(packet);
    line.send(packet.toByteArray());
  }

  private static byte[] expect(Line line, int type) throws IOException {
    int found = line.in().readUnsignedByte();
    int length = 0;
    int shift = 0;
    int digit;
    do {
      digit = line.in().readUnsignedByte();
      length |= (digit & 127) << shift;
      shift += 7;
    } while (digit > 127 && shift < 28);
    if (found != type || length > LENGTH_MAX) {
      throw new IOException(
          "expected a packet 0x%02x, the broker sent 0x%02x of %d bytes"
              .formatted(type, found, length));
    }
    return line.in().readNBytes(length);
  }

  private static int id(byte[] body, int at) {
    return (body[at] & 0xff) << 8 | body[at + 1] & 0xff;
  }

  @Override
  public void exchange(long n) throws IOException {
    int id = (int) (n % ID_MAX) + 1;
    String text = "message " + n;
    send(
        publisher,
        PUBLISH,
        body -> {
          body.writeUTF(TOPIC);
          body.writeShort(id);
          body.write(text.getBytes(StandardCharsets.US_ASCII));
        });
    if (id(expect(publisher, PUBACK), 0) != id) {
      throw new IOException("the broker acknowledged another message than " + n);
    }
    byte[] message = expect(subscriber, PUBLISH);
    int at = 2 + id(message, 0);
    String found = new String(message, at + 2, message.length - at - 2, StandardCharsets.US_ASCII);
    if (!found.equals(text)) {
      throw new IOException("expected '" + text + "', the broker delivered '" + found + "'");
    }
    int delivered = id(message, at);
    send(subscriber, PUBACK, body -> body.writeShort(delivered));
  }

  @Override
  public String identity() {
    return publisher.identity() + ", " + subscriber.identity();
  }

  @Override
  public String verify(long exchanges) {
    return exchanges + " messages, each once and in order";
  }

  @Override
  public void close() throws IOException {
    publisher.close();
    subscriber.close();
  }
}
