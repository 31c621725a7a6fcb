package dev.architekt.migration.wire;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.SourcePause;
import dev.architekt.migration.message.Strategy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The mirror of {@link Encoder}. Whatever the bytes are: a valid message, or a ProtocolException.
 */
final class Decoder {
  private Decoder() {}

  static Message decode(Tag tag, ByteBuffer body, Place place) throws ProtocolException {
    Fields from = new Fields(body, place);
    Message message;
    try {
      message = message(tag, from);
    } catch (IllegalArgumentException e) {
      // The records check their own fields.
      throw place.broken(e.getMessage(), e);
    }
    from.end();
    return message;
  }

  private static Message message(Tag tag, Fields from) throws ProtocolException {
    return switch (tag) {
      case KEEP_ALIVE, GOODBYE, PAGES, ZEROES ->
          throw new AssertionError(tag + " is handled by the lane itself");
      case DESCRIBE -> new Message.Describe();
      case DESCRIPTION -> description(from);
      case BEGIN -> begin(from);
      case RESUME ->
          new Message.Resume(
              from.uuid("session"),
              from.uuid("destination"),
              from.oneOf("standing", Message.Resume.Standing.values()),
              from.i64("epoch"),
              from.word("attempt"),
              from.i64("windowBytes"),
              PageSets.decode(from),
              longs(from, "stored"));
      case CONTINUE ->
          new Message.Continue(
              from.uuid("session"),
              from.oneOf("standing", Message.Continue.Standing.values()),
              from.i64("epoch"),
              from.word("attempt"));
      case LIMIT -> new Message.Limit(from.i64("bytesPerSecond"));
      case STORED -> new Message.Stored(from.u8("lane"), from.i64("pages"));
      case DEMAND ->
          new Message.Demand(
              from.u8("region"),
              from.count("firstPage", Bounds.REGION_PAGES_MAX),
              from.u16("pages"));
      case ANNOUNCE -> new Message.Announce(from.word("attempt"));
      case ANNOUNCED -> new Message.Announced(from.word("attempt"));
      case STATE -> state(from);
      case FRAMES -> frames(from);
      case GRANT ->
          new Message.Grant(from.uuid("session"), from.i64("epoch"), from.word("attempt"));
      case ACCEPTED -> new Message.Accepted(from.i64("epoch"));
      case DECLINED ->
          new Message.Declined(
              from.i64("epoch"),
              from.oneOf("reason", Reason.values()),
              from.text("text", Bounds.TEXT_MAX));
      case WITHDRAWN -> new Message.Withdrawn(from.i64("epoch"));
      case RUNNING -> new Message.Running(from.i64("epoch"), from.i64("ago"));
      case COMPLETE -> new Message.Complete(from.i64("epoch"));
      case RELEASED -> new Message.Released(from.i64("epoch"));
      case FIGURES -> new Message.Figures(account(from));
      case STOP ->
          new Message.Stop(
              from.oneOf("reason", Reason.values()), from.text("text", Bounds.TEXT_MAX));
      case PING -> new Message.Ping(from.i64("number"));
      case PONG -> new Message.Pong(from.i64("number"));
    };
  }

  private static Message description(Fields from) throws ProtocolException {
    var instance = from.uuid("instance");
    long epoch = from.i64("epoch");
    int factCount = from.u8("facts");
    Map<String, String> facts = new HashMap<>();
    for (int i = 0; i < factCount; i++) {
      String key = from.text("fact's name", Bounds.NAME_MAX);
      if (facts.put(key, from.text("fact " + key, Bounds.TEXT_MAX)) != null) {
        throw from.broken("fact " + key + ": expected once, found twice");
      }
    }
    int regionCount = from.u8("regions");
    List<RegionInfo> regions = new ArrayList<>(regionCount);
    for (int i = 0; i < regionCount; i++) {
      regions.add(
          new RegionInfo(
              from.text("region's name", Bounds.NAME_MAX),
              from.oneOf("region's kind", RegionInfo.Kind.values()),
              from.i64("region's pages")));
    }
    String address = from.text("address", Bounds.NAME_MAX);
    return new Message.Description(instance, epoch, facts, regions, address);
  }

  private static Message begin(Fields from) throws ProtocolException {
    var session = from.uuid("session");
    var destination = from.uuid("destination");
    Strategy strategy = from.oneOf("strategy", Strategy.values());
    long gapTarget = from.i64("gapTargetNanos");
    long window = from.i64("windowBytes");
    return new Message.Begin(
        session, destination, strategy, gapTarget, window, longs(from, "lineage"));
  }

  /** u8 count, then so many i64. */
  private static List<Long> longs(Fields from, String name) throws ProtocolException {
    int count = from.u8(name);
    List<Long> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(from.i64(name));
    }
    return values;
  }

  private static Message state(Fields from) throws ProtocolException {
    int attempt = from.word("attempt");
    long pagesBefore = from.i64("pagesBefore");
    var stale = PageSets.decode(from);
    long stoppedAt = from.i64("stoppedAtUnixNanos");
    return new Message.State(attempt, pagesBefore, stale, stoppedAt, DeviceBytes.decode(from));
  }

  private static Message frames(Fields from) throws ProtocolException {
    int count = from.count("frames", Bounds.FRAMES_MAX);
    List<byte[]> frames = new ArrayList<>(Math.min(count, from.remaining()));
    for (int i = 0; i < count; i++) {
      int length = from.u16("frame's length");
      ByteBuffer bytes = from.bytes("frame", length);
      byte[] frame = new byte[length];
      bytes.get(frame);
      frames.add(frame);
    }
    return new Message.Frames(frames);
  }

  private static Account account(Fields from) throws ProtocolException {
    return new Account(
        from.word("rounds"),
        from.i64("pagesSent"),
        from.i64("pagesZero"),
        from.i64("pagesElided"),
        from.i64("pagesStale"),
        from.i64("bytesSent"),
        from.i64("dirtyPagesPerSecond"),
        from.i64("bytesPerSecond"),
        from.text("switchReason", Bounds.TEXT_MAX),
        from.i64("pauseNanos"),
        new SourcePause(
            from.i64("stop"),
            from.i64("collect"),
            from.i64("save"),
            from.i64("sent"),
            from.i64("grant")));
  }
}
