package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;

import dev.architekt.region.DemandRegion;
import dev.architekt.region.Region;
import dev.architekt.region.Region.Extent;
import dev.architekt.region.StoreFullException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What each command does to the region, and what is answered. One instance a connection; any
 * thread.
 */
final class Requests {
  private static final int DESCRIPTORS_MAX = 1024;
  private static final long STATUS_WINDOW = 64L << 20;
  private static final long ZERO_PIECE = 1 << 20;
  private static final MemorySegment ZEROES =
      Arena.global().allocate(ZERO_PIECE, 4096).asReadOnly();

  private final Region region;
  private final DemandRegion demand;
  private final boolean readOnly;
  private final Replies replies;
  private final boolean allocation;

  Requests(Region region, boolean readOnly, Replies replies, boolean allocation) {
    this.region = region;
    this.demand = region instanceof DemandRegion some ? some : null;
    this.readOnly = readOnly;
    this.replies = replies;
    this.allocation = allocation;
  }

  /** What is wrong with a request before anything is done: an error number, or 0. */
  int fault(Slot slot) {
    boolean changes =
        slot.type == CMD_WRITE || slot.type == CMD_TRIM || slot.type == CMD_WRITE_ZEROES;
    int allowed =
        switch (slot.type) {
          case CMD_READ -> FLAG_DF | FLAG_FUA;
          case CMD_WRITE, CMD_TRIM -> FLAG_FUA;
          case CMD_WRITE_ZEROES -> FLAG_FUA | FLAG_NO_HOLE | FLAG_FAST_ZERO;
          case CMD_BLOCK_STATUS -> FLAG_REQ_ONE | FLAG_FUA;
          case CMD_FLUSH, CMD_CACHE -> FLAG_FUA;
          default -> -1;
        };
    if (allowed < 0 || (slot.flags & ~allowed) != 0) {
      return EINVAL;
    }
    if (changes && readOnly) {
      return EPERM;
    }
    if (slot.type == CMD_FLUSH) {
      return 0;
    }
    if (slot.offset < 0 || slot.offset > region.size() - slot.length) {
      return slot.type == CMD_WRITE || slot.type == CMD_WRITE_ZEROES ? ENOSPC : EINVAL;
    }
    if (slot.type == CMD_READ && slot.length > BLOCK_MAX) {
      return EOVERFLOW;
    }
    if (slot.type == CMD_BLOCK_STATUS && (!allocation || slot.length == 0)) {
      return EINVAL;
    }
    return 0;
  }

  /** A READ that need not wait: answered, or false. */
  boolean tryRead(Slot slot) throws IOException {
    if (demand == null) {
      execute(slot);
      return true;
    }
    slot.buffer(slot.length);
    MemorySegment payload = slot.payload(slot.length);
    boolean here;
    try {
      here = demand.tryRead(slot.offset, payload);
    } catch (IOException e) {
      fail(slot, e);
      return true;
    }
    if (here) {
      replies.data(slot);
    }
    return here;
  }

  /** Whether the slot's WRITE never waits for an absent page. */
  boolean isWriteOfWholePages(Slot slot) {
    return demand == null
        || (slot.offset % Region.PAGE_SIZE == 0 && slot.length % Region.PAGE_SIZE == 0);
  }

  /** Does the request and answers it; a WRITE's payload is in the slot's buffer. */
  void execute(Slot slot) throws IOException {
    try {
      int error = perform(slot);
      if (error != 0) {
        replies.error(slot, error, "");
        return;
      }
    } catch (IOException e) {
      fail(slot, e);
      return;
    }
    switch (slot.type) {
      case CMD_READ -> replies.data(slot);
      case CMD_BLOCK_STATUS -> replies.status(slot, (int) slot.length);
      default -> replies.done(slot);
    }
  }

  /** An error number for the client, or 0. */
  private int perform(Slot slot) throws IOException {
    switch (slot.type) {
      case CMD_READ -> {
        slot.buffer(slot.length);
        region.read(slot.offset, slot.payload(slot.length));
      }
      case CMD_WRITE -> region.write(slot.offset, slot.payload(slot.length));
      case CMD_FLUSH -> region.flush();
      case CMD_TRIM -> region.trim(slot.offset, slot.length);
      case CMD_CACHE -> cache(slot);
      case CMD_WRITE_ZEROES -> {
        return zero(slot);
      }
      case CMD_BLOCK_STATUS -> slot.length = status(slot);
      default -> throw new IllegalStateException("command " + slot.type);
    }
    boolean durable = slot.type == CMD_WRITE || slot.type == CMD_TRIM;
    if (durable && slot.has(FLAG_FUA)) {
      region.flush();
    }
    return 0;
  }

  private int zero(Slot slot) throws IOException {
    boolean fast =
        region.capabilities().contains(Region.Capability.ZERO) && !slot.has(FLAG_NO_HOLE);
    if (slot.has(FLAG_FAST_ZERO) && !fast) {
      return ENOTSUP;
    }
    if (slot.has(FLAG_NO_HOLE)) {
      // The client wants the space kept for it, so that a later write cannot find the disk full.
      for (long at = slot.offset; at < slot.end(); at += ZERO_PIECE) {
        region.write(at, ZEROES.asSlice(0, Math.min(ZERO_PIECE, slot.end() - at)));
      }
    } else {
      region.zero(slot.offset, slot.length);
    }
    if (slot.has(FLAG_FUA)) {
      region.flush();
    }
    return 0;
  }

  private void cache(Slot slot) {
    if (demand != null && slot.length > 0) {
      long first = slot.offset / Region.PAGE_SIZE;
      demand.prefetch(first, (slot.end() + Region.PAGE_SIZE - 1) / Region.PAGE_SIZE - first);
    }
  }

  /**
   * Writes descriptors into the slot's payload; how many. Fewer bytes than asked for may be
   * described.
   */
  private long status(Slot slot) throws IOException {
    slot.buffer(DESCRIPTORS_MAX * 8L);
    MemorySegment out = slot.payload(DESCRIPTORS_MAX * 8L);
    int count = 0;
    int state = -1;
    long run = 0;
    int wanted = slot.has(FLAG_REQ_ONE) ? 1 : DESCRIPTORS_MAX;
    for (long at = slot.offset; at < slot.end() && count < wanted; at += STATUS_WINDOW) {
      long window = Math.min(STATUS_WINDOW, slot.end() - at);
      List<Extent> extents = region.extents(at, window);
      for (Extent extent : extents) {
        int next =
            switch (extent.content()) {
              case DATA, ABSENT -> 0;
              case ZERO -> STATE_HOLE | STATE_ZERO;
            };
        if (next != state && run > 0) {
          put(out, count++, run, state);
          run = 0;
          if (count == wanted) {
            break;
          }
        }
        state = next;
        run += extent.length();
      }
    }
    if (count < wanted && run > 0) {
      put(out, count++, run, state);
    }
    return count;
  }

  private static void put(MemorySegment out, int index, long length, int state) {
    // A request's length is a u32, so no run is longer.
    out.set(Wire.INT, index * 8L, (int) length);
    out.set(Wire.INT, index * 8L + 4, state);
  }

  private void fail(Slot slot, IOException e) throws IOException {
    if (NbdConnection.endsConnection(e)) {
      throw e;
    }
    replies.error(
        slot, e instanceof StoreFullException ? ENOSPC : EIO, String.valueOf(e.getMessage()));
  }
}
