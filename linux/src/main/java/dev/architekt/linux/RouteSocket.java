package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The few changes to routes and neighbours that must not wait for a child process: host routes and
 * proxy ARP entries, over rtnetlink(7), some 50 µs each.
 *
 * <p>Thread-safe; one request at a time. The socket stays in the network namespace in which it was
 * opened and does not allocate after that.
 */
public final class RouteSocket implements AutoCloseable {
  private static final int NETLINK_ROUTE = 0;
  private static final short NLMSG_ERROR = 2;
  private static final short RTM_NEWROUTE = 24;
  private static final short RTM_DELROUTE = 25;
  private static final short RTM_NEWNEIGH = 28;
  private static final short RTM_DELNEIGH = 29;
  private static final short NLM_F_REQUEST = 0x001;
  private static final short NLM_F_ACK = 0x004;
  private static final short NLM_F_REPLACE = 0x100;
  private static final short NLM_F_CREATE = 0x400;
  private static final byte AF_INET = 2;
  private static final byte NTF_PROXY = 0x08;
  private static final short NUD_PERMANENT = 0x80;
  private static final short NDA_DST = 1;
  private static final short RTA_DST = 1;
  private static final short RTA_OIF = 4;
  private static final short RTA_GATEWAY = 5;
  private static final short RTA_PREFSRC = 7;
  private static final byte RT_TABLE_MAIN = (byte) 254;
  private static final byte RTN_UNICAST = 1;

  /** Marks routes as ours in {@code ip route} ({@code proto 167}); any number above 4 is free. */
  private static final byte PROTOCOL = (byte) 167;

  private static final int HEADER = 16;
  private static final int REPLY_MAX = 8192;
  private static final int REPLY_MILLIS = 2000;

  private final Fd socket;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment message = arena.allocate(128, 8);
  private final MemorySegment reply = arena.allocate(REPLY_MAX, 8);
  private int sequence;
  private int length;

  private RouteSocket(Fd socket) {
    this.socket = socket;
  }

  /** Opens a socket to the calling thread's network namespace. */
  public static RouteSocket open() throws LinuxException {
    Fd fd = RawSocket.open(RawSocket.AF_NETLINK, RawSocket.SOCK_RAW, NETLINK_ROUTE, "rtnetlink");
    try {
      RawSocket.receiveTimeout(fd, REPLY_MILLIS);
      return new RouteSocket(fd);
    } catch (LinuxException e) {
      fd.close();
      throw e;
    }
  }

  /** From now on the kernel answers ARP requests for {@code address} on {@code interfaceIndex}. */
  public synchronized void addProxyNeighbour(byte[] address, int interfaceIndex)
      throws LinuxException {
    neighbour(RTM_NEWNEIGH, (short) (NLM_F_CREATE | NLM_F_REPLACE), address, interfaceIndex);
    exchange("add proxy neighbour");
  }

  /** The opposite; false when there was no such entry. */
  public synchronized boolean removeProxyNeighbour(byte[] address, int interfaceIndex)
      throws LinuxException {
    neighbour(RTM_DELNEIGH, (short) 0, address, interfaceIndex);
    return removed("remove proxy neighbour");
  }

  /**
   * Sends {@code address}/32 to {@code gateway} through {@code interfaceIndex}, replacing another
   * route.
   *
   * @param source what this host's own new connections there come from; one of its addresses
   */
  public synchronized void replaceHostRoute(
      byte[] address, byte[] gateway, byte[] source, int interfaceIndex) throws LinuxException {
    hostRoute(RTM_NEWROUTE, (short) (NLM_F_CREATE | NLM_F_REPLACE), address, interfaceIndex);
    attribute(RTA_GATEWAY, gateway);
    attribute(RTA_PREFSRC, source);
    exchange("replace route");
  }

  /** Removes the route if it leads through {@code interfaceIndex}; false when none does. */
  public synchronized boolean removeHostRoute(byte[] address, int interfaceIndex)
      throws LinuxException {
    hostRoute(RTM_DELROUTE, (short) 0, address, interfaceIndex);
    return removed("remove route");
  }

  private void neighbour(short type, short flags, byte[] address, int index) {
    begin(type, flags);
    message.set(ValueLayout.JAVA_BYTE, HEADER, AF_INET);
    message.set(INT, HEADER + 4, index);
    message.set(ValueLayout.JAVA_SHORT, HEADER + 8, NUD_PERMANENT);
    message.set(ValueLayout.JAVA_BYTE, HEADER + 10, NTF_PROXY);
    length = HEADER + 12;
    attribute(NDA_DST, address);
  }

  private void hostRoute(short type, short flags, byte[] address, int index) {
    begin(type, flags);
    message.set(ValueLayout.JAVA_BYTE, HEADER, AF_INET);
    message.set(ValueLayout.JAVA_BYTE, HEADER + 1, (byte) 32);
    message.set(ValueLayout.JAVA_BYTE, HEADER + 4, RT_TABLE_MAIN);
    message.set(ValueLayout.JAVA_BYTE, HEADER + 5, PROTOCOL);
    message.set(ValueLayout.JAVA_BYTE, HEADER + 7, RTN_UNICAST);
    length = HEADER + 12;
    attribute(RTA_DST, address);
    message.set(ValueLayout.JAVA_SHORT, length, (short) 8);
    message.set(ValueLayout.JAVA_SHORT, length + 2, RTA_OIF);
    message.set(INT, length + 4, index);
    length += 8;
  }

  private void begin(short type, short flags) {
    message.fill((byte) 0);
    message.set(ValueLayout.JAVA_SHORT, 4, type);
    message.set(ValueLayout.JAVA_SHORT, 6, (short) (flags | NLM_F_REQUEST | NLM_F_ACK));
    message.set(INT, 8, ++sequence);
  }

  private void attribute(short type, byte[] address) {
    if (address.length != 4) {
      throw new IllegalArgumentException("IPv4 address of " + address.length + " bytes");
    }
    message.set(ValueLayout.JAVA_SHORT, length, (short) 8);
    message.set(ValueLayout.JAVA_SHORT, length + 2, type);
    MemorySegment.copy(address, 0, message, ValueLayout.JAVA_BYTE, length + 4, 4);
    length += 8;
  }

  private boolean removed(String call) throws LinuxException {
    try {
      exchange(call);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESRCH || e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
        return false;
      }
      throw e;
    }
  }

  private void exchange(String call) throws LinuxException {
    message.set(INT, 0, length);
    // Safe: the kernel copies the message; its length is that of what was built.
    socket.write(message.asSlice(0, length));
    while (true) {
      long received = socket.read(reply);
      // The answer to an older request that timed out may still come first.
      if (received < HEADER + 4
          || reply.get(ValueLayout.JAVA_SHORT, 4) != NLMSG_ERROR
          || reply.get(INT, 8) != sequence) {
        continue;
      }
      int error = -reply.get(INT, HEADER);
      if (error != 0) {
        throw new LinuxException(call, "over rtnetlink", error);
      }
      return;
    }
  }

  @Override
  public synchronized void close() {
    if (socket.isOpen()) {
      socket.close();
      arena.close();
    }
  }
}
