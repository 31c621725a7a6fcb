package dev.architekt.mount;

import static dev.architekt.mount.Protocol.*;

import dev.architekt.linux.Errno;
import dev.architekt.region.DemandRegion;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Answers requests for one regular file, on the thread that read them, as long as that needs no
 * waiting. What has to wait goes elsewhere ({@link ParkedReads}, {@link SlowRequests}), so that a
 * WRITE is always served: a guest's vCPU stands still for as long as the answer to its WRITE takes.
 *
 * <p>The rules for READ:
 *
 * <ul>
 *   <li>It is never answered short: the kernel would fill up with zeroes and say nothing.
 *   <li>If it covers several pages and one of them is absent, it fails at once, and the kernel asks
 *       again page by page. It must not wait: a huge-page fault reads 4 MiB, whatever the
 *       read-ahead.
 *   <li>If it covers one page, it waits and does not fail.
 *   <li>If it bypasses the page cache (O_DIRECT), nobody would ask again, so it waits, whatever its
 *       size.
 * </ul>
 *
 * <p>A request that was resent after an adoption carries a mark in its unique number and may have
 * been done before. Nothing here minds: every operation leaves the same after two times as after
 * one.
 */
final class RequestHandler {
  private static final int ENOTSUP = 95;
  private static final int EFBIG = 27;
  private static final int O_DIRECT = 040000;
  private static final int REGULAR_FILE = 0100000;
  private static final long FOREVER_SECONDS = 1L << 30;
  private static final int NAME_MAX = 255;

  private final DemandRegion region;
  private final MountOptions options;
  private final ParkedReads parked;
  private final SlowRequests slow;
  private final CollectorThreads collectors;
  private final long size;

  RequestHandler(
      DemandRegion region,
      MountOptions options,
      ParkedReads parked,
      SlowRequests slow,
      CollectorThreads collectors) {
    this.region = region;
    this.options = options;
    this.parked = parked;
    this.slow = slow;
    this.collectors = collectors;
    this.size = region.size();
  }

  /**
   * Handles the request of {@code received} bytes in {@code exchange}. Never throws for what a
   * request says.
   */
  void handle(Exchange exchange, long received) {
    if (received < IN_SIZE || exchange.int32(IN_LENGTH) != received) {
      // There is no unique number that could be trusted, so nothing can be answered.
      MountException cause =
          new MountException(
              "a request of " + received + " bytes that is cut off or not of the FUSE protocol");
      options.trouble().failed("REQUEST", 0, received, cause);
      return;
    }
    int operation = exchange.int32(IN_OPERATION);
    long unique = exchange.int64(IN_UNIQUE);
    switch (operation) {
      case READ -> read(exchange, unique, received);
      case WRITE -> write(exchange, unique, received);
      case FSYNC -> fsync(exchange, unique);
      case FALLOCATE -> fallocate(exchange, unique, received);
      case GETATTR -> attributes(exchange, unique);
      case SETATTR -> setAttributes(exchange, unique, received);
      case STATFS -> statistics(exchange, unique);
      case RELEASE, DESTROY -> exchange.answer(unique, 0);
      case FORGET, BATCH_FORGET -> {
        // Expects no answer; the root is never forgotten.
      }
      // ENOSYS means "do not ask again". For OPEN that keeps the page cache between openings and
      // makes opening
      // independent of a server. For FLUSH it lets a process that holds this file end while no
      // server runs. For
      // INTERRUPT: an interrupted READ goes on waiting, because to fail it would kill a guest whose
      // vCPU threads
      // get signals all the time. Attributes beyond the basic ones do not exist.
      case OPEN, FLUSH, INTERRUPT -> exchange.refuse(unique, Errno.ENOSYS);
      default -> exchange.refuse(unique, Errno.ENOSYS);
    }
  }

  private void read(Exchange exchange, long unique, long received) {
    if (received < TRANSFER_IN_SIZE) {
      exchange.refuse(unique, Errno.EINVAL);
      return;
    }
    long offset = exchange.int64(TRANSFER_OFFSET);
    int length = exchange.int32(TRANSFER_SIZE);
    int openFlags = exchange.int32(TRANSFER_OPEN_FLAGS);
    if (offset < 0 || length < 0 || length > TRANSFER_MAX) {
      exchange.refuse(unique, Errno.EINVAL);
      return;
    }
    int within = (int) Math.clamp(size - offset, 0, length);
    try {
      MemorySegment target = exchange.payload(within);
      if (within == 0 || region.tryRead(offset, target)) {
        clearBeyondEnd(exchange, within, length);
        exchange.answer(unique, length);
      } else if (length <= Region.PAGE_SIZE || (openFlags & O_DIRECT) != 0) {
        parked.park(unique, offset, within, length);
      } else {
        exchange.refuse(unique, Errno.EIO);
      }
    } catch (IOException | RuntimeException | Error e) {
      fail(exchange, unique, "READ", offset, within, e);
    }
  }

  /** The last page of a file may be asked for whole; what lies behind the end reads as zeroes. */
  static void clearBeyondEnd(Exchange exchange, int within, int length) {
    if (within < length) {
      exchange.payload(length).asSlice(within).fill((byte) 0);
    }
  }

  private void write(Exchange exchange, long unique, long received) {
    long offset = received < TRANSFER_IN_SIZE ? -1 : exchange.int64(TRANSFER_OFFSET);
    int length = received < TRANSFER_IN_SIZE ? -1 : exchange.int32(TRANSFER_SIZE);
    if (offset < 0 || length < 0 || length > received - TRANSFER_IN_SIZE) {
      exchange.refuse(unique, Errno.EINVAL);
      return;
    }
    if (length > size - offset) {
      exchange.refuse(unique, EFBIG);
      return;
    }
    try {
      region.write(offset, exchange.payload(length));
      exchange.putInt32(0, length);
      exchange.putInt32(4, 0);
      exchange.answer(unique, WRITE_OUT_SIZE);
    } catch (IOException | RuntimeException | Error e) {
      fail(exchange, unique, "WRITE", offset, length, e);
    }
  }

  /** Reports first: whoever sees the error can already read the reason. */
  private void fail(
      Exchange exchange, long unique, String operation, long offset, int length, Throwable cause) {
    try {
      options.trouble().failed(operation, offset, length, cause);
    } finally {
      exchange.refuse(unique, Errno.EIO);
    }
  }

  private void fsync(Exchange exchange, long unique) {
    if (collectors.include(exchange.int32(IN_PID))) {
      exchange.answer(unique, 0);
    } else {
      slow.flush(unique);
    }
  }

  private void fallocate(Exchange exchange, long unique, long received) {
    if (received < FALLOCATE_IN_SIZE) {
      exchange.refuse(unique, Errno.EINVAL);
      return;
    }
    long offset = exchange.int64(FALLOCATE_OFFSET);
    long length = exchange.int64(FALLOCATE_LENGTH);
    int mode = exchange.int32(FALLOCATE_MODE);
    if (offset < 0 || length <= 0) {
      exchange.refuse(unique, Errno.EINVAL);
    } else if ((mode & (FALLOC_PUNCH_HOLE | FALLOC_ZERO_RANGE)) != 0) {
      long within = Math.clamp(size - offset, 0, length);
      slow.zero(unique, offset, within);
    } else if ((mode & ~FALLOC_KEEP_SIZE) != 0) {
      exchange.refuse(unique, ENOTSUP);
    } else if (length > size - offset) {
      exchange.refuse(unique, EFBIG);
    } else {
      // A reservation of space within the region: its space is its store's business.
      exchange.answer(unique, 0);
    }
  }

  private void setAttributes(Exchange exchange, long unique, long received) {
    if (received < SETATTR_IN_SIZE) {
      exchange.refuse(unique, Errno.EINVAL);
      return;
    }
    int valid = exchange.int32(SETATTR_VALID);
    boolean resized = (valid & FATTR_SIZE) != 0 && exchange.int64(SETATTR_SIZE) != size;
    if (resized || (valid & (FATTR_MODE | FATTR_UID | FATTR_GID)) != 0) {
      exchange.refuse(unique, Errno.EPERM);
    } else {
      // The size it has already, which tells a new mount's kernel side; or times, which nobody
      // keeps.
      attributes(exchange, unique);
    }
  }

  private void attributes(Exchange exchange, long unique) {
    exchange.payload(Region.PAGE_SIZE).asSlice(0, ATTR_OUT_SIZE).fill((byte) 0);
    exchange.putInt64(0, FOREVER_SECONDS);
    exchange.putInt64(16, ROOT);
    exchange.putInt64(24, size);
    exchange.putInt64(32, (size + 511) / 512);
    exchange.putInt32(76, REGULAR_FILE | options.mode());
    exchange.putInt32(80, 1);
    exchange.putInt32(84, options.uid());
    exchange.putInt32(88, options.gid());
    exchange.putInt32(96, Region.PAGE_SIZE);
    exchange.answer(unique, ATTR_OUT_SIZE);
  }

  private void statistics(Exchange exchange, long unique) {
    exchange.payload(Region.PAGE_SIZE).asSlice(0, STATFS_OUT_SIZE).fill((byte) 0);
    exchange.putInt64(0, (size + Region.PAGE_SIZE - 1) / Region.PAGE_SIZE);
    exchange.putInt64(24, 1);
    exchange.putInt32(40, Region.PAGE_SIZE);
    exchange.putInt32(44, NAME_MAX);
    exchange.putInt32(48, Region.PAGE_SIZE);
    exchange.answer(unique, STATFS_OUT_SIZE);
  }
}
