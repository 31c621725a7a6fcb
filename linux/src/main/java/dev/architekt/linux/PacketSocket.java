package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Whole Ethernet frames on one interface (packet(7)).
 *
 * <p>Sending may be done from several threads; receiving from one at a time, on a platform thread,
 * because it blocks. The socket stays in the network namespace in which it was opened.
 */
public final class PacketSocket implements AutoCloseable {
  public static final int ETHERTYPE_ARP = 0x0806;

  /** Receives nothing: for sockets that only send. */
  public static final int ETHERTYPE_NONE = 0;

  private static final int SOL_PACKET = 263;
  private static final int PACKET_VNET_HDR = 15;
  private static final int SOCKADDR_LL_SIZE = 20;
  private static final ValueLayout.OfShort NETWORK_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Fd socket;
  private final Arena arena;
  private final MemorySegment buffer;

  private PacketSocket(Fd socket, int frameMax) {
    this.socket = socket;
    this.arena = Arena.ofShared();
    this.buffer = arena.allocate(frameMax);
  }

  /**
   * Opens the interface {@code name} of the calling thread's namespace.
   *
   * @param ethertype which frames to receive, or {@link #ETHERTYPE_NONE}
   * @param frameMax the longest frame that is sent or received, in bytes
   * @param vnetHeader whether each frame starts with a virtio header of 10 bytes, which lets the
   *     kernel finish checksums and segmentation that the frame's author had left to hardware
   */
  public static PacketSocket open(String name, int ethertype, int frameMax, boolean vnetHeader)
      throws LinuxException {
    int index = Interfaces.index(name);
    Fd fd = RawSocket.open(RawSocket.AF_PACKET, RawSocket.SOCK_RAW, 0, "packet socket on " + name);
    try (Arena scratch = Arena.ofConfined()) {
      if (vnetHeader) {
        RawSocket.option(fd, SOL_PACKET, PACKET_VNET_HDR, scratch.allocateFrom(INT, 1));
      }
      MemorySegment address = scratch.allocate(SOCKADDR_LL_SIZE, 8);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) RawSocket.AF_PACKET);
      address.set(NETWORK_SHORT, 2, (short) ethertype);
      address.set(INT, 4, index);
      RawSocket.bind(fd, address);
      return new PacketSocket(fd, frameMax);
    } catch (LinuxException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** Sends one frame, starting with the virtio header if the socket has them. */
  public synchronized void send(byte[] frame) throws LinuxException {
    if (frame.length > buffer.byteSize()) {
      throw new IllegalArgumentException(
          "frame of " + frame.length + " bytes, the socket takes " + buffer.byteSize());
    }
    MemorySegment.copy(frame, 0, buffer, ValueLayout.JAVA_BYTE, 0, frame.length);
    socket.write(buffer.asSlice(0, frame.length)); // a packet socket takes all of it or fails
  }

  /** Waits at most {@code timeoutMillis} (at least 1) for a frame; null when none came. */
  public byte[] receive(long timeoutMillis) throws LinuxException {
    RawSocket.receiveTimeout(socket, Math.max(1, timeoutMillis));
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment target = scratch.allocate(buffer.byteSize());
      long length = socket.read(target);
      return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return null;
      }
      throw e;
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
