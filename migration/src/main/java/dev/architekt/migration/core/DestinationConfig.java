package dev.architekt.migration.core;

import dev.architekt.migration.message.Strategy;
import java.util.UUID;

/**
 * What a destination wants.
 *
 * @param session new for every migration
 * @param destination who this host is; the grant is made out to it
 * @param gapTargetNanos the longest gap wanted
 * @param windowBytes page bytes that may be on the way, unconfirmed
 * @param bytesPerSecondMost what the source may send a second; 0 for as much as the line carries
 * @param giveUpNanos a move that has not switched over so long after its beginning is cancelled; 0
 *     for never
 */
public record DestinationConfig(
    UUID session,
    UUID destination,
    Strategy strategy,
    long gapTargetNanos,
    long windowBytes,
    long bytesPerSecondMost,
    long giveUpNanos) {}
