package dev.architekt.migration.core;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.Reason;
import dev.architekt.region.PageBitmap;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a core is told. The moment is given beside it: nanoseconds of a clock that never goes back.
 */
public sealed interface Event {

  /**
   * All lanes of a link are there and HELLO was accepted on each. Numbers are never used again, by
   * this process or the one before it. A destination is told only after every {@link Effect.Store}
   * of the link before it was carried out or dropped.
   */
  record LinkUp(int link, int bulkLanes) implements Event {}

  /** A lane was lost, so the link is; nothing of it arrives after this. */
  record LinkDown(int link) implements Event {}

  /** A message, in the order of its lane. */
  record Received(int link, int lane, Message message) implements Event {}

  /** Time has passed; about every 100 ms, for retries and time-outs. */
  record Tick() implements Event {}

  /** Somebody on this side wants to stop the migration. */
  record Cancel(String text) implements Event {}

  /** A step was done. */
  record Done(Step step) implements Event {}

  /** A step was not done; it may have been done in part. */
  record Failed(Step step, Reason reason, String text) implements Event {}

  /**
   * The machine's process has ended by itself. Before the grant the instance is lost; after it the
   * copies, which hold everything since the last {@link Step#COLLECT}, are served on.
   */
  record MachineGone() implements Event {}

  /** {@link Step#PAUSE} was done; the stop command was given {@code agoNanos} ago. */
  record Stopped(long agoNanos) implements Event {}

  /** {@link Step#RESUME} was done at the destination; the guest has run for {@code agoNanos}. */
  record Resumed(long agoNanos) implements Event {}

  /** The record is durable. */
  record Persisted(Authority authority) implements Event {}

  // --- source -----------------------------------------------------------------------------------

  /** Of {@link Step#TRACK}: what was written since the given epochs, one map a region. */
  record Tracking(List<PageBitmap> changed) implements Event {}

  /** Of {@link Step#COLLECT}: what was dirtied since the last time, one map a region. */
  record Dirty(List<PageBitmap> dirty) implements Event {}

  /** Of {@link Step#SAVE_STATE}; the bytes stay valid until the session is over. */
  record StateSaved(MemorySegment device, long stoppedAtUnixNanos) implements Event {}

  /** Frames for the destination; of {@link Step#DRAIN_TAP}, and later when more turn up. */
  record TapDrained(List<byte[]> frames) implements Event {}

  /** An extent has left: for the figures only. */
  record Sent(long dataPages, long zeroPages, long wireBytes) implements Event {}

  // --- destination ------------------------------------------------------------------------------

  /** Of {@link Step#PREPARE}: per region the epoch held complete, or -1. */
  record Prepared(List<Long> lineage) implements Event {}

  /** A {@link Effect.Store} was carried out, whether it changed anything or not. */
  record PagesStored(int link, int lane, int region, long firstPage, int pages) implements Event {}

  /** A reader waits for absent pages, 1 to 64 of them. */
  record Wanted(int region, long firstPage, int pages) implements Event {}
}
