package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The first thing a dialer says on each connection.
 *
 * @param features bits of optional abilities; the answer holds those that both have
 * @param right what is asked for, the same on every lane of a link
 * @param lane which lane this connection is to be ({@link Lane})
 * @param lanes how many lanes the link will have: 1 (control alone), 2 (and urgent), or more (and
 *     bulk), at most {@link Lane#COUNT_MAX}
 * @param session made by the dialer; the same over all links of one conversation
 * @param token zero for a session without one yet; else what the listener gave for this session
 * @param link zero on the control lane; else what the listener gave there
 * @param identity who dials, at most 255 bytes of UTF-8; with TLS the certificate says it too
 * @param subject what it wants to talk about (an instance, a package), at most 255 bytes; empty
 *     when the listener has only one
 */
public record Hello(
    long features,
    Right right,
    int lane,
    int lanes,
    UUID session,
    UUID token,
    UUID link,
    String identity,
    String subject) {
  /** Most bytes of identity and of subject. */
  public static final int NAME_BYTES_MAX = 255;

  static final UUID NONE = new UUID(0, 0);

  public Hello {
    if (lanes < 1 || lanes > Lane.COUNT_MAX || lane < 0 || lane >= lanes) {
      throw new IllegalArgumentException(
          "lane " + lane + " of " + lanes + ": expected 1 to " + Lane.COUNT_MAX + " lanes");
    }
    if (session.equals(NONE)) {
      throw new IllegalArgumentException("session: expected a number that is not zero");
    }
    named("identity", identity);
    named("subject", subject);
  }

  private static void named(String field, String value) {
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > NAME_BYTES_MAX) {
      throw new IllegalArgumentException(
          field + ": expected at most " + NAME_BYTES_MAX + " bytes, found " + bytes);
    }
  }

  Hello onLane(int newLane, UUID newToken, UUID newLink) {
    return new Hello(
        features, right, newLane, lanes, session, newToken, newLink, identity, subject);
  }
}
