package dev.architekt.migration.wire;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.message.SourcePause;
import java.nio.ByteBuffer;
import java.util.TreeMap;

/** The bodies of all messages but Pages and Zeroes, whose layout {@link RunEncoder} knows. */
final class Encoder {
  private Encoder() {}

  static ByteBuffer encode(Tag tag, Message message) {
    BodyWriter to = new BodyWriter(tag);
    switch (message) {
      case Message.Describe _ -> {}
      case Message.Description m -> description(m, to);
      case Message.Begin m -> begin(m, to);
      case Message.Resume m -> {
        to.uuid(m.session()).uuid(m.destination()).u8(m.standing().ordinal());
        to.i64(m.epoch()).u32(m.attempt()).i64(m.windowBytes());
        PageSets.encode(m.missing(), to);
        to.u8(m.stored().size());
        m.stored().forEach(to::i64);
      }
      case Message.Continue m ->
          to.uuid(m.session()).u8(m.standing().ordinal()).i64(m.epoch()).u32(m.attempt());
      case Message.Limit m -> to.i64(m.bytesPerSecond());
      case Message.Pages _ -> throw new AssertionError("pages have a layout of their own");
      case Message.Zeroes _ -> throw new AssertionError("zeroes have a layout of their own");
      case Message.Stored m -> to.u8(m.lane()).i64(m.pages());
      case Message.Demand m -> to.u8(m.region()).u32((int) m.firstPage()).u16(m.pages());
      case Message.Announce m -> to.u32(m.attempt());
      case Message.Announced m -> to.u32(m.attempt());
      case Message.State m -> {
        to.u32(m.attempt()).i64(m.pagesBefore());
        PageSets.encode(m.stale(), to);
        to.i64(m.stoppedAtUnixNanos());
        DeviceBytes.encode(m.device(), to);
      }
      case Message.Frames m -> {
        to.u32(m.frames().size());
        for (byte[] frame : m.frames()) {
          to.u16(frame.length).bytes(frame);
        }
      }
      case Message.Grant m -> to.uuid(m.session()).i64(m.epoch()).u32(m.attempt());
      case Message.Accepted m -> to.i64(m.epoch());
      case Message.Declined m -> to.i64(m.epoch()).u8(m.reason().ordinal()).text(m.text());
      case Message.Withdrawn m -> to.i64(m.epoch());
      case Message.Running m -> to.i64(m.epoch()).i64(m.agoNanos());
      case Message.Complete m -> to.i64(m.epoch());
      case Message.Released m -> to.i64(m.epoch());
      case Message.Figures m -> account(m.account(), to);
      case Message.Stop m -> to.u8(m.reason().ordinal()).text(m.text());
      case Message.Ping m -> to.i64(m.number());
      case Message.Pong m -> to.i64(m.number());
    }
    return to.finish();
  }

  private static void description(Message.Description m, BodyWriter to) {
    to.uuid(m.instance()).i64(m.epoch()).u8(m.facts().size());
    // Sorted, so that the same description is the same bytes.
    new TreeMap<>(m.facts()).forEach((key, value) -> to.text(key).text(value));
    to.u8(m.regions().size());
    for (RegionInfo region : m.regions()) {
      to.text(region.name()).u8(region.kind().ordinal()).i64(region.pages());
    }
    to.text(m.address());
  }

  private static void begin(Message.Begin m, BodyWriter to) {
    to.uuid(m.session()).uuid(m.destination()).u8(m.strategy().ordinal());
    to.i64(m.gapTargetNanos()).i64(m.windowBytes()).u8(m.lineage().size());
    m.lineage().forEach(to::i64);
  }

  private static void account(Account a, BodyWriter to) {
    to.u32(a.rounds()).i64(a.pagesSent()).i64(a.pagesZero()).i64(a.pagesElided());
    to.i64(a.pagesStale()).i64(a.bytesSent()).i64(a.dirtyPagesPerSecond());
    to.i64(a.bytesPerSecond()).text(a.switchReason()).i64(a.pauseNanos());
    SourcePause p = a.pause();
    to.i64(p.stop()).i64(p.collect()).i64(p.save()).i64(p.sent()).i64(p.grant());
  }
}
