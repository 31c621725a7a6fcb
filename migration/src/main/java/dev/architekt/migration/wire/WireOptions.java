package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.time.Duration;
import java.util.Optional;

/**
 * How links are made and watched.
 *
 * @param identity who this side is, at most {@link Hello#NAME_BYTES_MAX} bytes
 * @param features bits of the optional abilities of this side
 * @param handshakeTimeout for connecting, TLS and HELLO together, per connection
 * @param keepAlive how often a lane says that it is alive
 * @param deadAfter silence on a lane after which the link is lost; at least twice {@code keepAlive}
 * @param bulkQueueBytes most bytes of a bulk lane that may wait in the kernel; the shorter, the
 *     sooner an urgent page gets through a shared line (see {@link BulkQueue})
 * @param tls certificates; empty when all is plain
 * @param plainText where TLS is not used
 */
public record WireOptions(
    String identity,
    long features,
    Duration handshakeTimeout,
    Duration keepAlive,
    Duration deadAfter,
    int bulkQueueBytes,
    Optional<Tls> tls,
    PlainText plainText) {
  /** Handshakes of strangers that a listener attends to at the same time. */
  public static final int HANDSHAKES_MAX = 64;

  /** Links, complete or not, that a listener keeps at the same time. */
  public static final int LINKS_MAX = 256;

  public WireOptions {
    if (keepAlive.toMillis() < 1 || deadAfter.compareTo(keepAlive.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "dead after " + deadAfter + ": expected at least twice the keep-alive of " + keepAlive);
    }
    if (handshakeTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("handshake timeout " + handshakeTimeout);
    }
    if (tls.isEmpty() && plainText == PlainText.NEVER) {
      throw new IllegalArgumentException("neither TLS nor plain text");
    }
  }

  /** 5 s for a handshake, a sign of life a second, dead after 5 s, no TLS. */
  public static WireOptions of(String identity) {
    return new WireOptions(
        identity,
        Wire.FEATURE_BASE,
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        BulkQueue.BYTES_MAX,
        Optional.empty(),
        PlainText.ANYWHERE);
  }

  /** TLS on every connection. */
  public WireOptions withTls(Tls newTls) {
    return withSecurity(Optional.of(newTls), PlainText.NEVER);
  }

  public WireOptions withSecurity(Optional<Tls> newTls, PlainText newPlainText) {
    return new WireOptions(
        identity,
        features,
        handshakeTimeout,
        keepAlive,
        deadAfter,
        bulkQueueBytes,
        newTls,
        newPlainText);
  }

  public WireOptions withTimes(Duration newHandshake, Duration newKeepAlive, Duration newDead) {
    return new WireOptions(
        identity, features, newHandshake, newKeepAlive, newDead, bulkQueueBytes, tls, plainText);
  }

  public WireOptions withBulkQueue(int bytes) {
    return new WireOptions(
        identity, features, handshakeTimeout, keepAlive, deadAfter, bytes, tls, plainText);
  }

  /** Lanes of a link with this many bulk lanes. */
  public static int lanes(int bulkLanes) {
    return Lane.FIRST_BULK + bulkLanes;
  }
}
