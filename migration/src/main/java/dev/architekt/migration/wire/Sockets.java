package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** Socket options by lane. */
final class Sockets {
  // The kernel derives a packet's priority from these: interactive goes first in pfifo_fast and
  // prio queues, bulk last (rt_tos2priority).
  private static final int TOS_LOW_DELAY = 0x10;
  private static final int TOS_THROUGHPUT = 0x08;

  private Sockets() {}

  static void prepare(SocketChannel channel, int lane) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (lane >= Lane.FIRST_BULK) {
      channel.setOption(StandardSocketOptions.IP_TOS, TOS_THROUGHPUT);
    } else {
      channel.setOption(StandardSocketOptions.IP_TOS, TOS_LOW_DELAY);
    }
  }
}
