package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Tap interfaces through {@code /dev/net/tun}, in the network namespace of the calling thread.
 *
 * <p>The interface lives as long as the last duplicate of its descriptor, in whichever process.
 * Each read gives one frame with a virtio header before it, the length of which is a property of
 * the interface that whoever holds the descriptor may change (QEMU does, when its guest's driver
 * starts).
 */
public final class Tun {
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNGETVNETHDRSZ = 0x800454d7L;
  private static final long TUNSETVNETHDRSZ = 0x400454d8L;
  private static final short IFF_TAP = 0x0002;
  private static final short IFF_NO_PI = 0x1000;
  private static final short IFF_VNET_HDR = 0x4000;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_FLAGS = 16;

  private Tun() {}

  /**
   * Makes the tap {@code name} and opens it: no packet information, virtio headers, non-blocking.
   *
   * @throws LinuxException EBUSY when a tap of that name is open elsewhere, ENOENT without TUN
   */
  public static Fd openTap(String name) throws LinuxException {
    return open(name, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
  }

  /**
   * As {@link #openTap}, with nothing before each frame; the kernel has then finished checksums and
   * segmentation. Opens a tap that {@code ip tuntap add} has made, or makes it.
   */
  public static Fd openPlainTap(String name) throws LinuxException {
    return open(name, (short) (IFF_TAP | IFF_NO_PI));
  }

  private static Fd open(String name, short flags) throws LinuxException {
    Interfaces.requireName(name);
    Fd fd = Fd.open("/dev/net/tun", Fd.O_RDWR | Fd.O_NONBLOCK, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
      request.setString(0, name);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, flags);
      // Safe: the kernel reads and writes one struct ifreq, all of which is ours.
      fd.ioctl(TUNSETIFF, request);
      return fd;
    } catch (LinuxException e) {
      fd.close();
      throw e;
    }
  }

  /** The length of the virtio header before each frame now: 10, or 12 once a modern driver runs. */
  public static int vnetHeaderSize(Fd tap) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(INT);
      tap.ioctl(TUNGETVNETHDRSZ, size); // Safe: the kernel writes one int.
      return size.get(INT, 0);
    }
  }

  /** Changes the length of the virtio header; QEMU's business while one runs. */
  public static void setVnetHeaderSize(Fd tap, int bytes) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      tap.ioctl(TUNSETVNETHDRSZ, arena.allocateFrom(INT, bytes)); // Safe: one int is read.
    }
  }
}
