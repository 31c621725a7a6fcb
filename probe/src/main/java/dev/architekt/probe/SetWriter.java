package dev.architekt.probe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Puts {@code SET key value} in Redis' own notation into a buffer; used by one thread. */
final class SetWriter {
  private final Journal journal;
  private final byte[] head;
  private final byte[] middle;
  private final int keyAt;
  private final int size;

  SetWriter(Journal journal) {
    this.journal = journal;
    String prefix = "*3\r\n$3\r\nSET\r\n$" + Journal.name(0).length() + "\r\n";
    this.head = (prefix + Journal.name(0)).getBytes(StandardCharsets.US_ASCII);
    this.keyAt = prefix.length() + "k:".length();
    this.middle = ("\r\n$" + journal.valueBytes() + "\r\n").getBytes(StandardCharsets.US_ASCII);
    this.size = head.length + middle.length + journal.valueBytes() + 2;
  }

  /** Bytes that each command takes. */
  int size() {
    return size;
  }

  void put(ByteBuffer target, int key, long sequence) {
    int rest = key;
    for (int digit = 7; digit >= 0; digit--) {
      head[keyAt + digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    target.put(head).put(middle);
    Values.put(target, journal.seed(), key, sequence, journal.valueBytes());
    target.put((byte) '\r').put((byte) '\n');
  }
}
