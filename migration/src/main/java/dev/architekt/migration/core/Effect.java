package dev.architekt.migration.core;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.Reason;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What a core wants done. The shell starts effects in the order given. {@link Send}, {@link
 * SendExtent} and {@link Store} of one lane are carried out in that order; everything else may run
 * side by side, since a core waits for the answer where order matters.
 */
public sealed interface Effect {

  /** Sends a message; forgotten when the link is gone. */
  record Send(int link, int lane, Message message) implements Effect {}

  /**
   * Reads pages and sends them, as {@link Message.Pages} and {@link Message.Zeroes} that together
   * cover exactly this run, in order. A page that is not there to read fails {@link Step#SEND}.
   *
   * @param pages 1 to 256, within one stripe
   */
  record SendExtent(
      int link, int lane, int region, long firstPage, int pages, int round, boolean settled)
      implements Effect {}

  /** Takes a step that needs nothing but its name. */
  record Take(Step step) implements Effect {}

  /** {@link Step#JOURNAL}. */
  record Journal(JournalEntry entry) implements Effect {}

  /** {@link Step#PERSIST}. */
  record Persist(Authority authority) implements Effect {}

  /** {@link Step#TRACK}: per region the epoch to compare with, -1 for every page. */
  record StartTracking(List<Long> lineage) implements Effect {}

  /** {@link Step#KEEP_STATE}. */
  record Keep(KeptState state) implements Effect {}

  /** {@link Step#PREPARE}. */
  record Prepare(Message.Description description) implements Effect {}

  /**
   * {@link Step#STORE}: puts a {@link Message.Pages} or {@link Message.Zeroes} away.
   *
   * @param onlyAbsent leave pages alone that are present, whoever put them there
   * @param warm may go into the mount's page cache too; the guest does not run yet
   */
  record Store(int link, int lane, Message pages, boolean onlyAbsent, boolean warm)
      implements Effect {}

  /** {@link Step#FORGET}. */
  record Forget(List<PageSet> stale) implements Effect {}

  /** {@link Step#LOAD}. */
  record Load(MemorySegment device) implements Effect {}

  /** Puts frames into the machine's tap. Nothing is answered. */
  record Inject(List<byte[]> frames) implements Effect {}

  /** Closes the link; {@link Event.LinkDown} follows. */
  record Disconnect(int link) implements Effect {}

  /** No more than so many bytes a second are to leave on the bulk lanes of this link. */
  record Limit(int link, long bytesPerSecond) implements Effect {}

  /** The source's figures so far have come, of a move that has not switched over yet. */
  record Told(Account account) implements Effect {}

  /** Something a person should read: a refusal, a step that is tried again. */
  record Notice(Reason reason, String text) implements Effect {}

  /** The core has nothing left to do for this session; a source core stays usable. */
  record Finished(Outcome outcome, Reason reason, String text) implements Effect {}
}
