package dev.architekt.mount;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a server tells the kernel unasked. Each may wait for a request to be answered (STORE for an
 * open READ of the page, INVAL_INODE for WRITEs), so none is for a thread that answers.
 */
final class Notifications {
  private final Fd device;

  Notifications(Fd device) {
    this.device = device;
  }

  /** Puts {@code data} into the page cache, over whatever is there. */
  void store(long offset, MemorySegment data) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Protocol.OUT_SIZE + Protocol.STORE_OUT_SIZE, 8);
      for (long done = 0; done < data.byteSize(); done += Protocol.TRANSFER_MAX) {
        long length = Math.min(Protocol.TRANSFER_MAX, data.byteSize() - done);
        header(head, Protocol.NOTIFY_STORE, length);
        head.set(JAVA_LONG, 16, Protocol.ROOT);
        head.set(JAVA_LONG, 24, offset + done);
        head.set(JAVA_INT, 32, (int) length);
        head.set(JAVA_INT, 36, 0);
        Vectors.write(device, head, data.asSlice(done, length));
      }
    }
  }

  /** Drops the range from the page cache; dirty pages arrive as WRITEs first. */
  void invalidate(long offset, long length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(Protocol.OUT_SIZE + Protocol.INVAL_OUT_SIZE, 8);
      header(message, Protocol.NOTIFY_INVAL_INODE, 0);
      message.set(JAVA_LONG, 16, Protocol.ROOT);
      message.set(JAVA_LONG, 24, offset);
      message.set(JAVA_LONG, 32, length);
      device.write(message);
    }
  }

  /** Has the kernel give out again every request that was read and not answered. */
  void resend() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(Protocol.OUT_SIZE, 8);
      header(message, Protocol.NOTIFY_RESEND, 0);
      device.write(message);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL) {
        throw new MountException(
            "this kernel cannot resend FUSE requests (Linux 6.9 or newer can), so a mount cannot be"
                + " taken over from a server that died",
            e);
      }
      throw e;
    }
  }

  private static void header(MemorySegment message, int code, long extra) {
    message.set(JAVA_INT, Protocol.OUT_LENGTH, (int) (message.byteSize() + extra));
    message.set(JAVA_INT, Protocol.OUT_ERROR, code);
    message.set(JAVA_LONG, Protocol.OUT_UNIQUE, 0);
  }
}
