package dev.architekt.migration.wire;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.SourcePause;
import dev.architekt.migration.message.Strategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One message of each kind, the same in every run. */
final class Samples {
  static final UUID SESSION = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
  static final UUID HOST = UUID.fromString("10213243-5465-7687-98a9-bacbdcedfe0f");

  private Samples() {}

  static List<Message> all() {
    return List.of(
        new Message.Describe(),
        new Message.Description(
            SESSION,
            3,
            Map.of("machine", "pc-q35-7.2", "cpu", "qemu64"),
            List.of(
                new RegionInfo("memory", RegionInfo.Kind.MEMORY, 65_536),
                new RegionInfo("disk", RegionInfo.Kind.DISK, 1024)),
            "10.0.0.7"),
        new Message.Begin(SESSION, HOST, Strategy.AUTO, 100_000_000, 8 << 20, List.of(-1L, 2L)),
        new Message.Resume(
            SESSION,
            HOST,
            Message.Resume.Standing.ACCEPTED,
            4,
            1,
            8 << 20,
            List.of(new PageSet(0, new long[] {0, 0, -1, 5, 6}), new PageSet(1, new long[] {1})),
            List.of(0L, 3L, 500L)),
        new Message.Continue(SESSION, Message.Continue.Standing.SERVING, 4, 1),
        new Message.Limit(12_500_000),
        pages(1, 7, 1),
        new Message.Zeroes(0, 512, 256, 2, true),
        new Message.Stored(2, 300),
        new Message.Demand(0, 77, 4),
        new Message.Announce(1),
        new Message.Announced(1),
        new Message.State(
            1, 900, List.of(new PageSet(0, new long[] {2})), 1_700_000_000_000_000_000L, bytes(5)),
        new Message.Frames(List.of(new byte[] {1, 2, 3}, new byte[] {4})),
        new Message.Grant(SESSION, 4, 1),
        new Message.Accepted(4),
        new Message.Declined(4, Reason.LOAD_FAILED, "no"),
        new Message.Withdrawn(4),
        new Message.Running(4, 5),
        new Message.Complete(4),
        new Message.Released(4),
        new Message.Figures(
            new Account(1, 2, 3, 4, 5, 6, 7, 8, "fits", 9, new SourcePause(10, 11, 12, 13, 14))),
        new Message.Stop(Reason.CANCELLED, "by hand"),
        new Message.Ping(0x0102030405060708L),
        new Message.Pong(0x0102030405060708L));
  }

  static Message.Pages pages(int region, long first, int count) {
    return new Message.Pages(region, first, count, 1, false, bytes(count * Bounds.PAGE_BYTES));
  }

  /** Bytes that neither LZ4 nor Zstandard can make smaller by much, starting with 0, 1, 2, …. */
  static MemorySegment bytes(int length) {
    MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, length)).asSlice(0, length);
    for (int i = 0; i < length; i++) {
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i < 256 ? i : i * i * 31 + (i >> 3)));
    }
    return bytes;
  }

  /** Equality of what messages mean, also for those that hold segments and arrays. */
  static boolean same(Message a, Message b) {
    return switch (a) {
      case Message.Pages x ->
          b instanceof Message.Pages y
              && x.region() == y.region()
              && x.firstPage() == y.firstPage()
              && x.pages() == y.pages()
              && x.round() == y.round()
              && x.settled() == y.settled()
              && x.data().mismatch(y.data()) < 0;
      case Message.State x ->
          b instanceof Message.State y
              && x.attempt() == y.attempt()
              && x.pagesBefore() == y.pagesBefore()
              && x.stale().equals(y.stale())
              && x.stoppedAtUnixNanos() == y.stoppedAtUnixNanos()
              && x.device().mismatch(y.device()) < 0;
      case Message.Frames x ->
          b instanceof Message.Frames y
              && java.util.Arrays.deepEquals(x.frames().toArray(), y.frames().toArray());
      default -> a.equals(b);
    };
  }
}
