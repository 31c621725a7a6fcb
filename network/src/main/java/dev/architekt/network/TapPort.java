package dev.architekt.network;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.PacketSocket;
import dev.architekt.linux.Tun;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tap of one VM: the descriptor that the hypervisor gets, and the frames that wait in it.
 *
 * <p>Frames queue here from the moment the address is announced until the VM runs. Three things
 * would lose some: a short queue (see {@link VmNetwork#tapQueue}); QEMU, which takes the first
 * waiting frame before it knows how long its header is ({@link #placeDummy}); and whatever the
 * stopped source had not read yet ({@link #drain}, {@link #inject}).
 *
 * <p>Thread-safe. The tap goes when this object and the hypervisor have both closed it.
 */
public final class TapPort implements AutoCloseable {
  private static final int ETHERTYPE_EXPERIMENTAL = 0x88b5; // IEEE 802: local use, nobody listens
  private static final int DUMMY_SIZE = HeldFrames.VNET_HEADER + 60;
  private static final int HELD_BYTES_MAX = 64 << 20;
  private static final int VNET_HEADER_MAX = 64;
  private static final byte[] DUMMY = dummy();

  private final Fd tap;
  private final PacketSocket injector;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer =
      arena.allocate(HeldFrames.FRAME_MAX - HeldFrames.VNET_HEADER + VNET_HEADER_MAX);

  TapPort(Fd tap, Fd namespace, VmNetwork network) throws IOException {
    this.tap = tap;
    this.injector =
        Namespaces.inNetwork(
            namespace,
            "network-tap",
            () ->
                PacketSocket.open(
                    network.tap(), PacketSocket.ETHERTYPE_NONE, HeldFrames.FRAME_MAX, true));
  }

  /**
   * The tap's descriptor, for the hypervisor to inherit ({@code -netdev tap,fd=N}); stays ours too.
   */
  public Fd fd() {
    return tap;
  }

  /**
   * Puts a frame that means nothing to anybody at the end of the queue. Needed as the first frame
   * before each start of a hypervisor; a new claim's tap has one.
   */
  public void placeDummy() throws IOException {
    injector.send(DUMMY);
  }

  /**
   * Takes what waits in the tap, oldest first. Call it when the VM has stopped; the frames are gone
   * from here and belong to wherever it runs next, which after a roll-back is here again.
   *
   * @param countMax at most this many frames, up to {@link HeldFrames#COUNT_MAX}
   * @param bytesMax stop at the first frame that reaches this sum
   */
  public synchronized HeldFrames drain(int countMax, long bytesMax) throws IOException {
    return take(countMax, bytesMax, false);
  }

  /**
   * Queues {@code frames} before those that wait here already (a frame that arrives in the few
   * microseconds of doing so may come first).
   *
   * @return how many of {@code frames} were queued; the kernel refuses those larger than the MTU
   */
  public synchronized int inject(HeldFrames frames) throws IOException {
    if (frames.count() == 0) {
      return 0;
    }
    HeldFrames held = take(HeldFrames.COUNT_MAX, HELD_BYTES_MAX, true);
    int queued = 0;
    int next = 0;
    // The dummy, if the hypervisor has not taken it yet, must stay the first of all.
    while (next < held.count() && isDummy(held.frames().get(next))) {
      send(held.frames().get(next++));
    }
    for (byte[] frame : frames.frames()) {
      queued += send(frame) ? 1 : 0;
    }
    for (byte[] frame : held.frames().subList(next, held.count())) {
      send(frame);
    }
    return queued;
  }

  /**
   * Places the dummy, then takes it out and puts it back: first calls load classes for some 15 ms,
   * which had better not be those of a switch. Only before a hypervisor reads the tap.
   */
  synchronized void rehearse() throws IOException {
    placeDummy();
    inject(take(HeldFrames.COUNT_MAX, HELD_BYTES_MAX, true));
  }

  private boolean send(byte[] frame) throws LinuxException {
    try {
      injector.send(frame);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL || e.errno() == Errno.EMSGSIZE) {
        return false; // one packet less is a retransmission; failing here would cost a migration
      }
      throw e;
    }
  }

  private HeldFrames take(int countMax, long bytesMax, boolean withDummies) throws LinuxException {
    int header = Tun.vnetHeaderSize(tap);
    if (header < HeldFrames.VNET_HEADER || header > VNET_HEADER_MAX) {
      throw new IllegalStateException(tap + " has virtio headers of " + header + " bytes");
    }
    List<byte[]> frames = new ArrayList<>();
    long bytes = 0;
    while (frames.size() < Math.min(countMax, HeldFrames.COUNT_MAX) && bytes < bytesMax) {
      long length;
      try {
        length = tap.read(buffer);
      } catch (LinuxException e) {
        if (e.errno() == Errno.EAGAIN) {
          return new HeldFrames(frames, false);
        }
        throw e;
      }
      byte[] frame = withPlainHeader(header, (int) length);
      if (withDummies || !isDummy(frame)) {
        frames.add(frame);
        bytes += frame.length;
      }
    }
    return new HeldFrames(frames, true);
  }

  /** Of a longer header, what follows the first ten bytes concerns the reader's buffers only. */
  private byte[] withPlainHeader(int header, int length) {
    byte[] frame = new byte[HeldFrames.VNET_HEADER + length - header];
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, frame, 0, HeldFrames.VNET_HEADER);
    MemorySegment.copy(
        buffer, ValueLayout.JAVA_BYTE, header, frame, HeldFrames.VNET_HEADER, length - header);
    return frame;
  }

  private static boolean isDummy(byte[] frame) {
    return Arrays.equals(frame, DUMMY);
  }

  private static byte[] dummy() {
    byte[] frame = new byte[DUMMY_SIZE];
    int ethernet = HeldFrames.VNET_HEADER;
    frame[ethernet] = 2; // 02:00:00:00:00:00 to 02:00:00:00:00:01: unicast, and nobody's
    frame[ethernet + 6] = 2;
    frame[ethernet + 11] = 1;
    frame[ethernet + 12] = (byte) (ETHERTYPE_EXPERIMENTAL >> 8);
    frame[ethernet + 13] = (byte) ETHERTYPE_EXPERIMENTAL;
    return frame;
  }

  @Override
  public synchronized void close() {
    if (tap.isOpen()) {
      injector.close();
      tap.close();
      arena.close();
    }
  }
}
