package dev.architekt.cli.lab.link;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a line between two sites is like.
 *
 * @param roundTrip added to the machine's own, half each way; 0 to 10 s
 * @param bitsPerSecond of each direction, Ethernet frames counted; 64 kbit to 10 Gbit
 * @param loss the share of frames that get lost, each way, independently; 0 to 0.5
 */
public record LinkShape(Duration roundTrip, long bitsPerSecond, double loss) {
  private static final Pattern TEXT =
      Pattern.compile(
          "([0-9]+(?:\\.[0-9]+)?)(us|ms|s),([0-9]+(?:\\.[0-9]+)?)(kbit|mbit|gbit)"
              + "(?:,([0-9]+(?:\\.[0-9]+)?)%)?");
  private static final Duration ROUND_TRIP_MAX = Duration.ofSeconds(10);
  private static final long RATE_MIN = 64_000L;
  private static final long RATE_MAX = 10_000_000_000L;
  private static final double LOSS_MAX = 0.5;
  private static final int QUEUE_MIN_BYTES = 64 << 10;

  public LinkShape {
    require(
        !roundTrip.isNegative() && roundTrip.compareTo(ROUND_TRIP_MAX) <= 0,
        "a round trip of " + roundTrip.toMillis() + " ms: expected at most 10 s");
    require(
        bitsPerSecond >= RATE_MIN && bitsPerSecond <= RATE_MAX,
        "a rate of " + bitsPerSecond + " bit/s: expected 64kbit to 10gbit");
    require(loss >= 0 && loss <= LOSS_MAX, "a loss of " + loss * 100 + " %: expected 0 to 50 %");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /**
   * Reads {@code RTT,RATE[,LOSS]}, such as {@code 100ms,100mbit,0.5%}.
   *
   * @throws IllegalArgumentException which says what was expected
   */
  public static LinkShape parse(String text) {
    Matcher parts = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    require(
        parts.matches(),
        "expected RTT,RATE or RTT,RATE,LOSS with units, such as 100ms,100mbit or 100ms,100mbit,0.5%");
    double nanos =
        Double.parseDouble(parts.group(1))
            * switch (parts.group(2)) {
              case "us" -> 1e3;
              case "ms" -> 1e6;
              default -> 1e9;
            };
    double bits =
        Double.parseDouble(parts.group(3))
            * switch (parts.group(4)) {
              case "kbit" -> 1e3;
              case "mbit" -> 1e6;
              default -> 1e9;
            };
    double loss = Optional.ofNullable(parts.group(5)).map(Double::parseDouble).orElse(0.0) / 100;
    return new LinkShape(Duration.ofNanos((long) nanos), (long) bits, loss);
  }

  /** How long each frame is under way, in nanoseconds. */
  public long delayNanos() {
    return roundTrip.toNanos() / 2;
  }

  /**
   * What may wait before the line, in bytes: as much as is under way in one round trip, which is
   * what a sender needs to fill it; 64 KiB at least, a packet before segmentation.
   */
  public long queueBytes() {
    return Math.max(QUEUE_MIN_BYTES, (long) (bitsPerSecond / 8.0 * (roundTrip.toNanos() / 1e9)));
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String text = number(roundTrip.toNanos() / 1e6) + "ms," + number(bitsPerSecond / 1e6) + "mbit";
    return loss == 0 ? text : text + "," + number(loss * 100) + "%";
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3f", value).replaceFirst("0+$", "");
  }
}
