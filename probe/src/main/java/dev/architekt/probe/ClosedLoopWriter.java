package dev.architekt.probe;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes again as soon as it has its answer; its keys are its own, so that their order is that of
 * its connection.
 */
final class ClosedLoopWriter implements RedisLoad.Writer {
  private final Link link;
  private final Journal journal;
  private final Meter meter;
  private final SetWriter commands;
  private final int connections;
  private final int number;
  private final long keysEach;
  private Thread thread;
  private volatile boolean stopping;
  private volatile boolean closing;
  private volatile boolean lost;
  private SocketIdentity atEnd;

  ClosedLoopWriter(Link link, LoadProfile profile, Journal journal, Meter meter, int number) {
    this.link = link;
    this.journal = journal;
    this.meter = meter;
    this.commands = new SetWriter(journal);
    this.connections = profile.connections();
    this.number = number;
    this.keysEach = profile.keys() / profile.connections();
  }

  @Override
  public void start() {
    thread = Thread.ofPlatform().daemon().name("load-" + number).start(this::run);
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(commands.size());
    long random = Values.mix(journal.seed() + number);
    try {
      while (!stopping) {
        int key = (int) Math.floorMod(Values.mix(++random), keysEach) * connections + number;
        long sequence = journal.sent(key);
        commands.put(buffer.clear(), key, sequence);
        long due = System.nanoTime();
        meter.sent(due, due);
        link.send(buffer.flip());
        if (link.lineStart() == '+') {
          journal.acknowledged(key, sequence);
          meter.answered(due, System.nanoTime());
        } else {
          meter.error("Redis refused a write");
        }
      }
    } catch (IOException e) {
      if (!closing) {
        lost = true;
        meter.connectionLost(e.toString());
      }
    }
  }

  @Override
  public void stop(long deadlineNanos) throws IOException, InterruptedException {
    stopping = true;
    thread.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
    atEnd = lost ? null : link.identity();
    closing = true;
    link.close();
    thread.join();
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public SocketIdentity atEnd() {
    return atEnd;
  }
}
