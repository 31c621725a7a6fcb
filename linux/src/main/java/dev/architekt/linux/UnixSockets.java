package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Stream sockets of the UNIX family as plain descriptors, which another process can inherit and a
 * successor can fetch back; the JDK's channels offer neither. Blocks in the kernel: for platform
 * threads.
 */
public final class UnixSockets {
  /** The longest path of a socket, in bytes (sun_path less its end). */
  public static final int PATH_MAX = 107;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 04000;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int SHUT_RDWR = 2;
  private static final int ADDRESS_SIZE = 110;

  private static final MethodHandle LISTEN =
      Native.function("listen", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle ACCEPT4 =
      Native.function("accept4", FunctionDescriptor.of(INT, INT, POINTER, POINTER, INT));
  private static final MethodHandle CONNECT =
      Native.function("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));
  private static final MethodHandle SHUTDOWN =
      Native.function("shutdown", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle SOCKETPAIR =
      Native.function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));

  private UnixSockets() {}

  /**
   * A socket that listens at {@code path}, which must not exist (EADDRINUSE). Accepting on it does
   * not block: several processes may hold it, and one that waited for a connection may find that
   * another has taken it.
   */
  public static Fd listen(Path path, int backlog) throws LinuxException {
    Fd socket = RawSocket.open(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, path.toString());
    try (Arena arena = Arena.ofConfined()) {
      RawSocket.bind(socket, address(arena, path));
      checked((int) LISTEN.invokeExact(Native.state(), socket.number(), backlog), "listen", socket);
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    } catch (Throwable e) {
      socket.close();
      throw Native.broken(e);
    }
  }

  /** The next connection, blocking mode, or null if none waits (any more). */
  public static Fd accept(Fd listener, String name) throws LinuxException {
    try {
      while (true) {
        // Safe: no address is asked for.
        int fd =
            (int)
                ACCEPT4.invokeExact(
                    Native.state(),
                    listener.number(),
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    SOCK_CLOEXEC);
        if (fd >= 0) {
          return new Fd(fd, name);
        }
        int errno = Native.errno();
        if (errno == Errno.EAGAIN || errno == Errno.ECONNABORTED) {
          return null;
        }
        if (errno != Errno.EINTR) {
          throw new LinuxException("accept", listener.name(), errno);
        }
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * A connection to the socket at {@code path}; ENOENT or ECONNREFUSED (111) if nobody listens
   * there.
   */
  public static Fd connect(Path path) throws LinuxException {
    Fd socket = RawSocket.open(AF_UNIX, SOCK_STREAM, 0, path.toString());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = address(arena, path);
      int result;
      do {
        // Safe: the kernel reads exactly the segment's length.
        result =
            (int)
                CONNECT.invokeExact(
                    Native.state(), socket.number(), address, (int) address.byteSize());
      } while (result < 0 && Native.errno() == Errno.EINTR);
      checked(result, "connect", socket);
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    } catch (Throwable e) {
      socket.close();
      throw Native.broken(e);
    }
  }

  /** Two connected sockets. */
  public static Fd[] pair(String name) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment two = arena.allocate(INT, 2);
      // Safe: the kernel writes two ints.
      int result =
          (int) SOCKETPAIR.invokeExact(Native.state(), AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two);
      if (result < 0) {
        throw new LinuxException("socketpair", name, Native.errno());
      }
      return new Fd[] {new Fd(two.getAtIndex(INT, 0), name), new Fd(two.getAtIndex(INT, 1), name)};
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /**
   * Ends both directions, which wakes every thread that blocks on the socket. The descriptor stays
   * open.
   */
  public static void shutdown(Fd socket) {
    try {
      // Not connected any more, or closed already: that is what was wanted.
      int ignored = (int) SHUTDOWN.invokeExact(Native.state(), socket.number(), SHUT_RDWR);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** struct sockaddr_un: u16 family, path with a zero behind it. */
  private static MemorySegment address(Arena arena, Path path) throws LinuxException {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > PATH_MAX) {
      throw new LinuxException("bind or connect", path.toString(), Errno.ENAMETOOLONG);
    }
    MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
    return address;
  }

  private static void checked(int result, String call, Fd socket) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(call, socket.name(), Native.errno());
    }
  }
}
