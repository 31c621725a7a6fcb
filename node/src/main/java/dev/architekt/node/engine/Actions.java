package dev.architekt.node.engine;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.BasePages;
import java.io.IOException;
import java.util.List;

/**
 * What one side of a migration does to its host. Called on step threads unless it says otherwise.
 */
public interface Actions {
  /**
   * Takes a step; the event that answers it, usually {@link Event.Done}. A failure becomes {@link
   * Event.Failed}.
   */
  Event take(Step step, Effect effect) throws Exception;

  /** Puts received pages away, on the thread of the lane that they came on. */
  void store(Message pages, boolean onlyAbsent, boolean warm) throws IOException;

  /**
   * Reads an extent of region {@code region} and hands it on in messages; on a lane's sender
   * thread.
   */
  void read(Effect.SendExtent extent, ExtentReader reader, ExtentReader.Target target)
      throws IOException;

  /** Pages that the other side has as well, from before the first page travels. */
  default BasePages base() {
    return BasePages.NONE;
  }

  void inject(List<byte[]> frames) throws IOException;

  /**
   * The core says something to people, or that it is done. On no particular thread; must return
   * soon.
   */
  void notice(Effect.Notice notice);

  void finished(Effect.Finished finished);

  /** How the copying goes, as the source says; on no particular thread, must return soon. */
  default void told(Account account) {}
}
