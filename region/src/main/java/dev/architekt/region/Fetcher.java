package dev.architekt.region;

/** Asks the remote side for pages of which a local copy is waited for. */
@FunctionalInterface
public interface Fetcher {
  /**
   * Requests {@code count} pages from {@code firstPage}, which are to arrive by {@link
   * LocalStore#fill} at some time. Never blocks, never throws; called from the reading thread,
   * several at once. A page may be asked for again (after a restart, or when another reader starts
   * to wait for it) and asking twice is harmless.
   */
  void request(long firstPage, int count);
}
