package dev.architekt.linux;

/**
 * Error numbers that callers decide on (asm-generic/errno-base.h, errno.h; x86-64 and arm64 agree).
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOBUFS = 105;
  public static final int ENOTCONN = 107;
  public static final int EMSGSIZE = 90;
  public static final int EADDRINUSE = 98;
  public static final int ECONNABORTED = 103;

  private Errno() {}

  /**
   * The C library's words for {@code errno}, with its number: {@code No such file or directory
   * (errno 2)}.
   */
  public static String text(int errno) {
    return Native.strerror(errno) + " (errno " + errno + ")";
  }
}
