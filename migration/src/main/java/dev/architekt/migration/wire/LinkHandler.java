package dev.architekt.migration.wire;

import dev.architekt.migration.message.Message;
import java.io.IOException;

/**
 * What to do with what arrives on one link.
 *
 * <p>Each lane has a thread of its own (a platform thread: native calls may block on it) that calls
 * {@link #received}; so the calls of one lane come in the order of sending, and those of several
 * lanes at the same time. A handler that takes long holds up its lane alone, and by TCP whoever
 * sends on it.
 */
public interface LinkHandler {
  /**
   * A message has arrived. The data of {@link Message.Pages} is the lane's own buffer: valid until
   * this returns, to be copied or written away before; it is native memory, and its checksum has
   * been verified. Everything else may be kept.
   *
   * @throws IOException ends the link with this as the cause
   */
  void received(Link link, int lane, Message message) throws IOException;

  /**
   * The link is gone. Called exactly once, after the last {@link #received} has returned, with what
   * happened first; null when this side closed it by {@link Link#close()}.
   */
  void lost(Link link, WireException cause);
}
