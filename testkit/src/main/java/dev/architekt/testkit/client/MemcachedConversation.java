package dev.architekt.testkit.client;

import java.io.IOException;

/** Writes and reads back, by memcached's text protocol over one connection. */
final class MemcachedConversation implements Conversation {
  private static final int KEYS = 1000;

  private final Line line;

  MemcachedConversation(String host, int port) throws IOException {
    line = new Line(host, port);
  }

  @Override
  public void exchange(long n) throws IOException {
    String value = value(n);
    line.send("set k" + n % KEYS + " 0 0 " + value.length() + "\r\n" + value + "\r\n");
    line.expectLine("STORED");
    requireValue(n);
  }

  private static String value(long n) {
    return "value-" + n + "-" + "x".repeat((int) (n % 200));
  }

  private void requireValue(long n) throws IOException {
    String key = "k" + n % KEYS;
    String value = value(n);
    line.send("get " + key + "\r\n");
    line.expectLine("VALUE " + key + " 0 " + value.length());
    line.expectLine(value);
    line.expectLine("END");
  }

  @Override
  public String identity() {
    return line.identity();
  }

  @Override
  public String verify(long exchanges) throws IOException {
    long first = Math.max(0, exchanges - KEYS);
    for (long n = first; n < exchanges; n++) {
      requireValue(n);
    }
    return exchanges - first + " keys";
  }

  @Override
  public void close() throws IOException {
    line.close();
  }
}
