package dev.architekt.mount;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Told what a mount cannot tell its users in more than an error number. Called on the mount's own
 * threads, which serve nothing meanwhile: implementations return at once and throw nothing.
 */
public interface MountTrouble {
  /**
   * The region failed a request for good; the user of the mount has got EIO.
   *
   * @param operation {@code READ}, {@code WRITE}, {@code FSYNC} or {@code FALLOCATE}
   * @param offset where, in bytes; 0 for FSYNC
   * @param length how much, in bytes; 0 for FSYNC
   */
  void failed(String operation, long offset, long length, Throwable cause);

  /** The kernel ended the connection, by abort or because the last user of the mount has gone. */
  default void ended(int connectionId) {}

  /** Writes to the system's log. */
  static MountTrouble logged() {
    Logger log = System.getLogger(MountTrouble.class.getPackageName());
    return (operation, offset, length, cause) ->
        log.log(
            Level.ERROR,
            operation + " of " + length + " bytes at " + offset + " failed; answered with EIO",
            cause);
  }
}
