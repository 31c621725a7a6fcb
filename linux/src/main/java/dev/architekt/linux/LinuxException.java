package dev.architekt.linux;

import java.io.IOException;

/** A system call failed: says which call, on what object, and why. */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int errno;

  public LinuxException(String call, String object, int errno) {
    super(call + " " + object + ": " + Errno.text(errno));
    this.errno = errno;
  }

  /** The error number, see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
