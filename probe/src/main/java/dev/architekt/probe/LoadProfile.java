package dev.architekt.probe;

import java.util.Locale;

/**
 * How hard an instance is driven.
 *
 * @param connections TCP connections
 * @param ratePerSecond writes a second on a schedule, whatever the answers do (open loop), or 0:
 *     each connection writes again when it has its answer (closed loop)
 * @param valueBytes of each value, incompressible
 * @param keys that are written, at random
 */
public record LoadProfile(
    String name, int connections, int ratePerSecond, int valueBytes, int keys) {
  /** Gentle: 1,000 writes a second of 100 bytes to 50,000 keys. */
  public static final LoadProfile L1 = new LoadProfile("L1", 1, 1000, 100, 50_000);

  /** Saturating: 10 connections, 1,000 bytes. */
  public static final LoadProfile L2 = new LoadProfile("L2", 10, 0, 1000, 50_000);

  public LoadProfile {
    if (connections < 1 || connections > 1000) {
      throw new IllegalArgumentException(connections + " connections: expected 1 to 1000");
    }
    if (ratePerSecond < 0 || ratePerSecond > 1_000_000) {
      throw new IllegalArgumentException(
          ratePerSecond + " writes a second: expected 1 to 1000000, or 0 for a closed loop");
    }
    if (ratePerSecond > 0 && connections != 1) {
      throw new IllegalArgumentException("an open loop has one connection, not " + connections);
    }
    if (valueBytes < Values.SIZE_MIN || valueBytes > Values.SIZE_MAX) {
      throw new IllegalArgumentException(
          "values of "
              + valueBytes
              + " bytes: expected "
              + Values.SIZE_MIN
              + " to "
              + Values.SIZE_MAX);
    }
    if (keys < connections || keys > 99_999_999) {
      throw new IllegalArgumentException(
          keys + " keys: expected at least one a connection and at most 99999999");
    }
  }

  /**
   * @throws IllegalArgumentException naming the profiles there are
   */
  public static LoadProfile named(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "L1" -> L1;
      case "L2" -> L2;
      default -> throw new IllegalArgumentException("no load '" + name + "': there are L1 and L2");
    };
  }
}
