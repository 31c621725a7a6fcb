package dev.architekt.migration.core;

import dev.architekt.migration.message.PageSet;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.UUID;

/**
 * What a granted switch-over needs to be delivered once more by a process that was started again: a
 * hypervisor gives its state away once a pause. It is on file before the grant is durable, so that
 * a killed process always finds it; it survives the host once {@link Step#FLUSH_REGIONS} after the
 * grant is done, and so do the pages.
 *
 * @param session the session it was granted in
 * @param attempt the switch-over
 * @param stoppedAtUnixNanos when the guest was stopped
 * @param missing pages that the destination may lack: what was stale and what was on the way
 * @param frames frames that the stopped guest had not read
 * @param device the device state
 */
public record KeptState(
    UUID session,
    int attempt,
    long stoppedAtUnixNanos,
    List<PageSet> missing,
    List<byte[]> frames,
    MemorySegment device) {
  public KeptState {
    missing = List.copyOf(missing);
    frames = List.copyOf(frames);
  }
}
