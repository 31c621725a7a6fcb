package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The socket calls that packet and netlink sockets share; the JDK offers neither family. */
final class RawSocket {
  static final int AF_INET = 2;
  static final int AF_NETLINK = 16;
  static final int AF_PACKET = 17;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOL_SOCKET = 1;
  static final int SO_RCVBUF = 8;
  static final int SO_RCVTIMEO = 20;

  private static final int SOCK_CLOEXEC = 02000000;
  private static final MethodHandle SOCKET =
      Native.function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle BIND =
      Native.function("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
  private static final MethodHandle SETSOCKOPT =
      Native.function("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));

  private RawSocket() {}

  static Fd open(int family, int type, int protocol, String name) throws LinuxException {
    try {
      int fd = (int) SOCKET.invokeExact(Native.state(), family, type | SOCK_CLOEXEC, protocol);
      if (fd < 0) {
        throw new LinuxException("socket", name, Native.errno());
      }
      return new Fd(fd, name);
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  static void bind(Fd socket, MemorySegment address) throws LinuxException {
    try {
      // Safe: the kernel reads exactly the segment's length.
      int result =
          (int)
              BIND.invokeExact(Native.state(), socket.number(), address, (int) address.byteSize());
      if (result < 0) {
        throw new LinuxException("bind", socket.name(), Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  static void option(Fd socket, int level, int option, MemorySegment value) throws LinuxException {
    try {
      // Safe: the kernel reads exactly the segment's length.
      int result =
          (int)
              SETSOCKOPT.invokeExact(
                  Native.state(), socket.number(), level, option, value, (int) value.byteSize());
      if (result < 0) {
        throw new LinuxException("setsockopt(" + option + ")", socket.name(), Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Lets receiving calls fail with EAGAIN after {@code millis}; 0 waits for ever. */
  static void receiveTimeout(Fd socket, long millis) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment timeval = arena.allocate(LONG, 2);
      timeval.setAtIndex(LONG, 0, millis / 1000);
      timeval.setAtIndex(LONG, 1, millis % 1000 * 1000);
      option(socket, SOL_SOCKET, SO_RCVTIMEO, timeval);
    }
  }
}
