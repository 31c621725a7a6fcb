package dev.architekt.network;

import dev.architekt.linux.PacketSocket;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells a segment at which hardware address an instance's address is now: at once, and again a few
 * times because nobody acknowledges it. Thread-safe.
 */
final class Announcer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Announcer.class.getName());
  private static final int[] REPEAT_MILLIS = {2, 20, 100, 500, 2000};

  private final PacketSocket socket;
  private final byte[] request;
  private final byte[] reply;
  private final ScheduledThreadPoolExecutor repeats;
  private final Future<?>[] pending = new Future<?>[REPEAT_MILLIS.length];
  private boolean announced;

  /** Sends on {@code socket}, which it owns from now on. */
  Announcer(PacketSocket socket, MacAddress mac, Inet4Address address) {
    this.socket = socket;
    this.request = Arp.announcement(mac, address).frame();
    this.reply = Arp.announcementReply(mac, address).frame();
    this.repeats =
        new ScheduledThreadPoolExecutor(
            1,
            work ->
                Thread.ofPlatform()
                    .name("network-announce-" + address.getHostAddress())
                    .daemon(true)
                    .unstarted(work));
    repeats.setRemoveOnCancelPolicy(true);
    repeats.prestartAllCoreThreads();
  }

  /** Sends one announcement now and plans the repetitions. */
  synchronized void announce() throws IOException {
    quiet();
    announced = true;
    send();
    for (int i = 0; i < REPEAT_MILLIS.length; i++) {
      pending[i] = repeats.schedule(this::repeat, REPEAT_MILLIS[i], TimeUnit.MILLISECONDS);
    }
  }

  /** After this returns nothing is announced any more. */
  synchronized void quiet() {
    announced = false;
    for (Future<?> repetition : pending) {
      if (repetition != null) {
        repetition.cancel(false);
      }
    }
  }

  private synchronized void repeat() {
    if (announced) {
      try {
        send();
      } catch (IOException e) {
        // The kernel still answers whoever asks; a repetition only helps those who do not.
        LOG.log(System.Logger.Level.WARNING, "announcement not repeated: " + e.getMessage());
      }
    }
  }

  private void send() throws IOException {
    socket.send(request);
    socket.send(reply);
  }

  @Override
  public synchronized void close() {
    quiet();
    repeats.shutdownNow();
    socket.close();
  }
}
