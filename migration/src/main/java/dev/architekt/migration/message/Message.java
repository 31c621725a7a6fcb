package dev.architekt.migration.message;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Everything that is said after HELLO. The destination dials and speaks first; D→S and S→D mark the
 * direction, and the lane is control unless said otherwise. "Until acknowledged" means again on
 * each new link, since a link loses nothing while it lives.
 */
public sealed interface Message {

  // --- Prepare -------------------------------------------------------------------------------

  /** D→S: what do you run? Always answered, by {@link Description} or {@link Stop}. */
  record Describe() implements Message {}

  /**
   * S→D: the instance and what a host needs for it. The destination judges the facts, and sends
   * {@link Begin}, or {@link Stop} with {@link Reason#INCOMPATIBLE}.
   *
   * @param epoch the epoch under which the source runs the instance, 0 or more
   * @param facts machine type, CPU model, TSC frequency, versions, …, at most {@link
   *     Bounds#FACTS_MAX}; opaque to the protocol
   * @param regions 1 to {@link Bounds#REGIONS_MAX}; the index in this list names a region from here
   *     on
   * @param address the stable outer address, empty when there is none
   */
  record Description(
      UUID instance,
      long epoch,
      Map<String, String> facts,
      List<RegionInfo> regions,
      String address)
      implements Message {
    public Description {
      Bounds.inRange("epoch", epoch, 0, Bounds.EPOCH_MAX);
      Bounds.inRange("facts", facts.size(), 0, Bounds.FACTS_MAX);
      facts.forEach((key, value) -> {
        Bounds.text("fact name", key, Bounds.NAME_MAX);
        Bounds.text("fact " + key, value, Bounds.TEXT_MAX);
      });
      facts = Map.copyOf(facts);
      Bounds.inRange("regions", regions.size(), 1, Bounds.REGIONS_MAX);
      regions = List.copyOf(regions);
      Bounds.text("address", address, Bounds.NAME_MAX);
    }
  }

  /**
   * D→S: start. The destination has its regions, its hypervisor waits for incoming state.
   *
   * @param session made by the destination, new for every attempt
   * @param destination who would be granted the authority
   * @param gapTargetNanos the longest gap wanted, 0 to one hour
   * @param windowBytes page bytes that may be on the way, unconfirmed, over all lanes
   * @param lineage one entry a region: the epoch whose end the destination holds complete, so that
   *     pages not written since need not travel; -1 for none
   */
  record Begin(
      UUID session,
      UUID destination,
      Strategy strategy,
      long gapTargetNanos,
      long windowBytes,
      List<Long> lineage)
      implements Message {
    public Begin {
      Bounds.inRange("gapTargetNanos", gapTargetNanos, 0, 3_600_000_000_000L);
      Bounds.inRange("windowBytes", windowBytes, Bounds.WINDOW_BYTES_MIN, Bounds.WINDOW_BYTES_MAX);
      Bounds.inRange("lineage", lineage.size(), 1, Bounds.REGIONS_MAX);
      lineage.forEach(epoch -> Bounds.inRange("lineage epoch", epoch, -1, Bounds.EPOCH_MAX));
      lineage = List.copyOf(lineage);
    }
  }

  /**
   * D→S: no more than so many bytes a second are to be sent on the bulk lanes of this link, as they
   * are on the wire. First on each link, when the destination wants a limit. The urgent lane and
   * the control lane have none.
   *
   * @param bytesPerSecond at least {@link Bounds#LIMIT_MIN}
   */
  record Limit(long bytesPerSecond) implements Message {
    public Limit {
      Bounds.inRange("bytesPerSecond", bytesPerSecond, Bounds.LIMIT_MIN, Long.MAX_VALUE);
    }
  }

  // --- Links that come back ------------------------------------------------------------------

  /**
   * D→S: first message on a new link of a known session. Answered by {@link Continue} or {@link
   * Stop}.
   *
   * @param epoch the epoch that the destination has accepted or declined; -1 before that
   * @param attempt the switch-over whose state has been taken in, 0 for none
   * @param windowBytes as in {@link Begin}
   * @param missing after acceptance: what the destination lacks, one set a region that lacks
   *     anything; before: empty
   * @param stored what was put away on each lane of the link before this one, by the lane's number,
   *     since it came up; what was sent on a lane past that has to go again. Empty when the
   *     destination cannot tell: then all that was not confirmed goes again
   */
  record Resume(
      UUID session,
      UUID destination,
      Standing standing,
      long epoch,
      int attempt,
      long windowBytes,
      List<PageSet> missing,
      List<Long> stored)
      implements Message {
    /** Where the destination stands; the numbers are on the wire. */
    public enum Standing {
      /** Receives pages, may have loaded state, has not accepted. */
      RECEIVING,
      /** Has durably accepted; runs the instance, or is about to. */
      ACCEPTED,
      /** Has durably declined. */
      DECLINED,
      /** Runs the instance and has every chunk, durable. */
      COMPLETE
    }

    public Resume {
      Bounds.inRange("epoch", epoch, -1, Bounds.EPOCH_MAX);
      Bounds.inRange("attempt", attempt, 0, Integer.MAX_VALUE);
      Bounds.inRange("windowBytes", windowBytes, Bounds.WINDOW_BYTES_MIN, Bounds.WINDOW_BYTES_MAX);
      Bounds.inRange("missing", missing.size(), 0, Bounds.REGIONS_MAX);
      missing = List.copyOf(missing);
      Bounds.inRange("stored lanes", stored.size(), 0, Lane.COUNT_MAX);
      stored.forEach(pages -> Bounds.inRange("stored", pages, 0, Long.MAX_VALUE));
      stored = List.copyOf(stored);
    }
  }

  /**
   * S→D: the answer to {@link Resume}.
   *
   * @param standing where the source stands
   * @param epoch the granted epoch, or the one under which the source runs
   * @param attempt counts the switch-overs that were begun; state loaded for an older attempt is
   *     void, and so is a machine that loaded it
   */
  record Continue(UUID session, Standing standing, long epoch, int attempt) implements Message {
    /** Where the source stands; the numbers are on the wire. */
    public enum Standing {
      /** The guest runs at the source; pages flow. */
      COPYING,
      /** The grant is durable; {@link State} and {@link Grant} follow. */
      GRANTED,
      /** The destination has accepted; the source serves what is missing. */
      SERVING,
      /** The source has let go of its copy. */
      RELEASED
    }

    public Continue {
      Bounds.inRange("epoch", epoch, 0, Bounds.EPOCH_MAX);
      Bounds.inRange("attempt", attempt, 0, Integer.MAX_VALUE);
    }
  }

  // --- Pages ---------------------------------------------------------------------------------

  /**
   * S→D, bulk or urgent: pages with their bytes.
   *
   * @param pages 1 to {@link Bounds#DATA_PAGES_MAX}
   * @param round the pre-copy round, 0 for the first
   * @param settled the guest was paused when this was read: no newer version will come
   * @param data {@code pages} × {@link Bounds#PAGE_BYTES} bytes; its owner says how long it lives
   */
  record Pages(
      int region, long firstPage, int pages, int round, boolean settled, MemorySegment data)
      implements Message {
    public Pages {
      Bounds.span(region, firstPage, pages, Bounds.DATA_PAGES_MAX);
      Bounds.inRange("round", round, 0, Integer.MAX_VALUE);
      Bounds.inRange(
          "data",
          data.byteSize(),
          (long) pages * Bounds.PAGE_BYTES,
          (long) pages * Bounds.PAGE_BYTES);
    }
  }

  /**
   * S→D, bulk or urgent: pages that are zero.
   *
   * @param pages 1 to {@link Bounds#STRIPE_PAGES}
   */
  record Zeroes(int region, long firstPage, int pages, int round, boolean settled)
      implements Message {
    public Zeroes {
      Bounds.span(region, firstPage, pages, Bounds.STRIPE_PAGES);
      Bounds.inRange("round", round, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * D→S: what the destination has put away, cumulative on one lane since the link came up. It gives
   * the credit back, and tells the source which versions have arrived.
   *
   * @param lane urgent or bulk
   * @param pages pages of {@link Pages} and {@link Zeroes} together
   */
  record Stored(int lane, long pages) implements Message {
    public Stored {
      Bounds.inRange("lane", lane, Lane.URGENT, Lane.COUNT_MAX - 1);
      Bounds.inRange("pages", pages, 0, Long.MAX_VALUE);
    }
  }

  /**
   * D→S, urgent: somebody waits for these pages. Answered on the urgent lane; not before the guest
   * is paused at the source.
   *
   * @param pages 1 to {@link Bounds#DATA_PAGES_MAX}
   */
  record Demand(int region, long firstPage, int pages) implements Message {
    public Demand {
      Bounds.span(region, firstPage, pages, Bounds.DATA_PAGES_MAX);
    }
  }

  // --- Switch-over ---------------------------------------------------------------------------

  /** S→D: the source no longer answers for the address; announce it, and hold what arrives. */
  record Announce(int attempt) implements Message {
    public Announce {
      Bounds.inRange("attempt", attempt, 1, Integer.MAX_VALUE);
    }
  }

  /** D→S: the address is answered for at the destination, packets wait there. */
  record Announced(int attempt) implements Message {
    public Announced {
      Bounds.inRange("attempt", attempt, 1, Integer.MAX_VALUE);
    }
  }

  /**
   * S→D: the guest is paused; this is the rest of it. To be loaded once {@code pagesBefore} pages
   * have been stored, and not to be run before {@link Grant}.
   *
   * @param pagesBefore pages sent on this link over all lanes before this message; older versions
   *     on the way must not arrive after {@code stale} has been applied
   * @param stale pages whose version at the destination, if any, is void; one set a region that has
   *     any
   * @param stoppedAtUnixNanos when the guest was stopped, wall clock of the source; for reports
   *     only
   * @param device the device state, 0 to {@link Bounds#STATE_BYTES_MAX} bytes
   */
  record State(
      int attempt,
      long pagesBefore,
      List<PageSet> stale,
      long stoppedAtUnixNanos,
      MemorySegment device)
      implements Message {
    public State {
      Bounds.inRange("attempt", attempt, 1, Integer.MAX_VALUE);
      Bounds.inRange("pagesBefore", pagesBefore, 0, Long.MAX_VALUE);
      Bounds.inRange("stale", stale.size(), 0, Bounds.REGIONS_MAX);
      stale = List.copyOf(stale);
      Bounds.inRange("device", device.byteSize(), 0, Bounds.STATE_BYTES_MAX);
    }
  }

  /** S→D: frames that the stopped guest had not read yet; to be put into the destination's tap. */
  record Frames(List<byte[]> frames) implements Message {
    public Frames {
      Bounds.inRange("frames", frames.size(), 0, Bounds.FRAMES_MAX);
      long bytes = 0;
      for (byte[] frame : frames) {
        Bounds.inRange("frame", frame.length, 1, Bounds.FRAME_BYTES_MAX);
        bytes += frame.length;
      }
      Bounds.inRange("bytes of frames", bytes, 0, Bounds.FRAMES_BYTES_MAX);
      frames = List.copyOf(frames);
    }
  }

  // --- Authority -----------------------------------------------------------------------------

  /**
   * S→D: the instance is yours under this epoch. Durable at the source before it is sent; sent
   * until acknowledged by {@link Accepted} or {@link Declined}.
   *
   * @param session the session that prepared it; another one cannot load its state and declines
   */
  record Grant(UUID session, long epoch, int attempt) implements Message {
    public Grant {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
      Bounds.inRange("attempt", attempt, 1, Integer.MAX_VALUE);
    }
  }

  /** D→S: durably accepted. */
  record Accepted(long epoch) implements Message {
    public Accepted {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
    }
  }

  /** D→S: durably declined; will never run under this epoch. Sent until {@link Withdrawn}. */
  record Declined(long epoch, Reason reason, String text) implements Message {
    public Declined {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
      Bounds.text("text", text, Bounds.TEXT_MAX);
    }
  }

  /** S→D: the decline has arrived and the source runs again; the destination may forget it. */
  record Withdrawn(long epoch) implements Message {
    public Withdrawn {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
    }
  }

  /**
   * D→S: the guest runs at the destination.
   *
   * @param agoNanos for how long it has run, by the destination's clock, when this leaves; -1 when
   *     the destination was started again and does not know
   */
  record Running(long epoch, long agoNanos) implements Message {
    public Running {
      Bounds.inRange("agoNanos", agoNanos, -1, Long.MAX_VALUE);
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
    }
  }

  /** D→S: every chunk is home and durable. Sent until {@link Released}. */
  record Complete(long epoch) implements Message {
    public Complete {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
    }
  }

  /** S→D: the source has let go of its copy. */
  record Released(long epoch) implements Message {
    public Released {
      Bounds.inRange("epoch", epoch, 1, Bounds.EPOCH_MAX);
    }
  }

  // --- Around it -----------------------------------------------------------------------------

  /**
   * S→D: the source's figures, before a {@link Stop}, after {@link Running}, and once more when the
   * {@link Pong} to a {@link Ping} that follows has told how long that travelled. The last ones
   * count.
   */
  record Figures(Account account) implements Message {}

  /**
   * Both: this side ends the session, or refuses what was asked. Before the grant it ends the
   * session on both sides; after it, with {@link Reason#ALREADY_GRANTED}, it only answers a cancel.
   */
  record Stop(Reason reason, String text) implements Message {
    public Stop {
      Bounds.text("text", text, Bounds.TEXT_MAX);
    }
  }

  /** Both: are you there? Answered by {@link Pong} with the same number. */
  record Ping(long number) implements Message {}

  /** Both: yes. */
  record Pong(long number) implements Message {}
}
