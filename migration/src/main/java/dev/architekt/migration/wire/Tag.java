package dev.architekt.migration.wire;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;

/**
 * The tags of frames, and what each may be. The table in {@code docs/protocol/README.md} is kept
 * equal to this one by a test. Numbers are never used again for something else.
 */
enum Tag {
  /** Of the wire itself, on every lane: this side is alive. */
  KEEP_ALIVE(0x01, Lanes.ANY, 24),
  /** Of the wire itself: this side closes the link on purpose; nothing follows. */
  GOODBYE(0x02, Lanes.ANY, 0),

  DESCRIBE(0x10, Lanes.CONTROL, 0),
  DESCRIPTION(0x11, Lanes.CONTROL, 2 << 20),
  BEGIN(0x12, Lanes.CONTROL, 256),
  RESUME(0x13, Lanes.CONTROL, 80 << 20),
  CONTINUE(0x14, Lanes.CONTROL, 64),
  LIMIT(0x15, Lanes.CONTROL, 8),

  PAGES(0x20, Lanes.DATA, Wire.FRAME_PAYLOAD_MAX),
  ZEROES(0x21, Lanes.DATA, Wire.PAGES_FIELDS_BYTES),
  STORED(0x22, Lanes.CONTROL, 16),
  DEMAND(0x23, Lanes.DATA, 16),

  ANNOUNCE(0x30, Lanes.CONTROL, 4),
  ANNOUNCED(0x31, Lanes.CONTROL, 4),
  STATE(0x32, Lanes.STATE, Bounds.STATE_BYTES_MAX + (80 << 20)),
  FRAMES(0x33, Lanes.CONTROL, Bounds.FRAMES_BYTES_MAX + 4 * Bounds.FRAMES_MAX + 4),

  GRANT(0x40, Lanes.STATE, 32),
  ACCEPTED(0x41, Lanes.CONTROL, 8),
  DECLINED(0x42, Lanes.CONTROL, 17 << 10),
  WITHDRAWN(0x43, Lanes.CONTROL, 8),
  RUNNING(0x44, Lanes.CONTROL, 16),
  COMPLETE(0x45, Lanes.CONTROL, 8),
  RELEASED(0x46, Lanes.CONTROL, 8),

  FIGURES(0x50, Lanes.CONTROL, 17 << 10),
  STOP(0x51, Lanes.CONTROL, 17 << 10),
  PING(0x52, Lanes.CONTROL, 8),
  PONG(0x53, Lanes.CONTROL, 8);

  /** On which lanes a tag may appear. */
  enum Lanes {
    ANY,
    CONTROL,
    /** Urgent and bulk. */
    DATA,
    /** {@link Lane#ofState}. */
    STATE
  }

  private static final Tag[] BY_CODE = new Tag[256];

  static {
    for (Tag tag : values()) {
      BY_CODE[tag.code] = tag;
    }
  }

  private final int code;
  private final Lanes lanes;
  private final int bytesMax;

  Tag(int code, Lanes lanes, int bytesMax) {
    this.code = code;
    this.lanes = lanes;
    this.bytesMax = bytesMax;
  }

  int code() {
    return code;
  }

  Lanes lanes() {
    return lanes;
  }

  /** Most bytes of the whole body, over all its frames. */
  int bytesMax() {
    return bytesMax;
  }

  boolean allowedOn(int lane) {
    return switch (lanes) {
      case ANY -> true;
      case CONTROL -> lane == Lane.CONTROL;
      case DATA -> lane != Lane.CONTROL;
      case STATE -> lane == Lane.CONTROL || lane == Lane.FIRST_BULK;
    };
  }

  /** The tag of this number (0 to 255), or null when this version knows none. */
  static Tag ofCode(int code) {
    return BY_CODE[code];
  }

  static Tag of(Message message) {
    return switch (message) {
      case Message.Describe _ -> DESCRIBE;
      case Message.Description _ -> DESCRIPTION;
      case Message.Begin _ -> BEGIN;
      case Message.Resume _ -> RESUME;
      case Message.Continue _ -> CONTINUE;
      case Message.Limit _ -> LIMIT;
      case Message.Pages _ -> PAGES;
      case Message.Zeroes _ -> ZEROES;
      case Message.Stored _ -> STORED;
      case Message.Demand _ -> DEMAND;
      case Message.Announce _ -> ANNOUNCE;
      case Message.Announced _ -> ANNOUNCED;
      case Message.State _ -> STATE;
      case Message.Frames _ -> FRAMES;
      case Message.Grant _ -> GRANT;
      case Message.Accepted _ -> ACCEPTED;
      case Message.Declined _ -> DECLINED;
      case Message.Withdrawn _ -> WITHDRAWN;
      case Message.Running _ -> RUNNING;
      case Message.Complete _ -> COMPLETE;
      case Message.Released _ -> RELEASED;
      case Message.Figures _ -> FIGURES;
      case Message.Stop _ -> STOP;
      case Message.Ping _ -> PING;
      case Message.Pong _ -> PONG;
    };
  }
}
