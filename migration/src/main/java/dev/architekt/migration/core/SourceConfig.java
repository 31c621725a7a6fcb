package dev.architekt.migration.core;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a source offers, and how patient it is.
 *
 * @param facts what a destination must have; opaque here
 * @param address the stable outer address, or empty
 * @param sessionTimeoutNanos how long a session without a link is kept before the grant
 * @param switchTimeoutNanos how long the destination may take to announce the address
 * @param overheadNanos what a switch-over is expected to cost without a single page
 * @param bytesPerSecondAssumed bandwidth until one has been measured
 * @param bytesPerSecondMost what may be sent a second; 0 for as much as the line carries
 */
public record SourceConfig(
    UUID instance,
    Map<String, String> facts,
    List<RegionInfo> regions,
    String address,
    long sessionTimeoutNanos,
    long switchTimeoutNanos,
    long overheadNanos,
    long bytesPerSecondAssumed,
    long bytesPerSecondMost) {

  /** The usual patience: 30 s for a lost link, 10 s for an announcement. */
  public static SourceConfig of(
      UUID instance, Map<String, String> facts, List<RegionInfo> regions, String address) {
    return new SourceConfig(
        instance,
        facts,
        regions,
        address,
        30_000_000_000L,
        10_000_000_000L,
        30_000_000L,
        50_000_000L,
        0);
  }

  /** The same with a limit to what is sent. */
  public SourceConfig withLimit(long newBytesPerSecondMost) {
    return new SourceConfig(
        instance,
        facts,
        regions,
        address,
        sessionTimeoutNanos,
        switchTimeoutNanos,
        overheadNanos,
        bytesPerSecondAssumed,
        newBytesPerSecondMost);
  }

  Message.Description describe(long epoch) {
    return new Message.Description(instance, epoch, facts, regions, address);
  }
}
