package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * What the kernel knows of a network interface, in the network namespace of the calling thread.
 *
 * <p>{@code java.net.NetworkInterface} and {@code /sys/class/net} do not serve: the first skips
 * interfaces without an address, the second shows the namespace in which it was mounted.
 */
public final class Interfaces {
  private static final int NAME_MAX = 15;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_DATA = 16;
  private static final int SOCKADDR_DATA = 2;
  private static final int SOCKADDR_IN_ADDRESS = 4;
  private static final long SIOCGIFADDR = 0x8915L;
  private static final long SIOCGIFMTU = 0x8921L;
  private static final long SIOCGIFHWADDR = 0x8927L;
  private static final MethodHandle INDEX =
      Native.function("if_nametoindex", FunctionDescriptor.of(INT, POINTER));

  private Interfaces() {}

  /** The interface's index. @throws LinuxException ENODEV when there is none of that name */
  public static int index(String name) throws LinuxException {
    requireName(name);
    try (Arena arena = Arena.ofConfined()) {
      // Safe: the name is a NUL-terminated copy that outlives the call.
      int index = (int) INDEX.invokeExact(Native.state(), arena.allocateFrom(name));
      if (index == 0) {
        throw new LinuxException("if_nametoindex", name, Native.errno());
      }
      return index;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** The six bytes of the Ethernet address. */
  public static byte[] hardwareAddress(String name) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return request(arena, name, SIOCGIFHWADDR)
          .asSlice(IFREQ_DATA + SOCKADDR_DATA, 6)
          .toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * The four bytes of the primary IPv4 address. @throws LinuxException EADDRNOTAVAIL without one
   */
  public static byte[] ipv4Address(String name) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return request(arena, name, SIOCGIFADDR)
          .asSlice(IFREQ_DATA + SOCKADDR_IN_ADDRESS, 4)
          .toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** The largest payload of a frame, in bytes. */
  public static int mtu(String name) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return request(arena, name, SIOCGIFMTU).get(INT, IFREQ_DATA);
    }
  }

  private static MemorySegment request(Arena arena, String name, long call) throws LinuxException {
    requireName(name);
    try (Fd socket =
        RawSocket.open(RawSocket.AF_INET, RawSocket.SOCK_DGRAM, 0, "interface query")) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
      request.setString(0, name);
      socket.ioctl(call, request); // Safe: the kernel reads and writes one struct ifreq.
      return request;
    }
  }

  /** Refuses what the kernel would cut off or misread. */
  static void requireName(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length == 0 || bytes.length > NAME_MAX || !name.matches("[A-Za-z0-9_.:@-]+")) {
      throw new IllegalArgumentException(
          "interface name '" + name + "': expected 1 to " + NAME_MAX + " plain characters");
    }
  }
}
