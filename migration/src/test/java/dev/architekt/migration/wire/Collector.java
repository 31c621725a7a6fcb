package dev.architekt.migration.wire;

import dev.architekt.migration.message.Message;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what arrives. */
class Collector implements LinkHandler, LinkAcceptor {
  record Arrival(int lane, Message message) {}

  final BlockingQueue<Link> links = new LinkedBlockingQueue<>();
  final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  final BlockingQueue<WireException> failures = new LinkedBlockingQueue<>();
  final CompletableFuture<WireException> ended = new CompletableFuture<>();
  final BlockingQueue<Object> losses = new LinkedBlockingQueue<>();

  static final Object CLOSED_HERE = "closed by this side";

  @Override
  public LinkHandler up(Link link) {
    links.add(link);
    return this;
  }

  @Override
  public void failed(WireException cause, Duration next) {
    failures.add(cause);
  }

  @Override
  public void ended(WireException cause) {
    ended.complete(cause);
  }

  @Override
  public void received(Link link, int lane, Message message) throws IOException {
    arrivals.add(new Arrival(lane, kept(message)));
  }

  static Message kept(Message message) {
    if (message instanceof Message.Pages m) {
      var copy = Arena.ofAuto().allocate(m.data().byteSize()).copyFrom(m.data());
      return new Message.Pages(m.region(), m.firstPage(), m.pages(), m.round(), m.settled(), copy);
    }
    return message;
  }

  @Override
  public void lost(Link link, WireException cause) {
    losses.add(cause == null ? CLOSED_HERE : cause);
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came within 10 s");
    }
    return next;
  }
}
