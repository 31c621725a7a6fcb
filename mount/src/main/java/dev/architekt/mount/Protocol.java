package dev.architekt.mount;

/**
 * The numbers of the FUSE protocol (the kernel's include/uapi/linux/fuse.h, version 7.40 and newer)
 * that one regular file needs. All integers are in the machine's byte order.
 */
final class Protocol {
  static final int MAJOR = 7;

  /** The version that brought FUSE_NOTIFY_RESEND; what came later is not used. */
  static final int MINOR = 40;

  /** The inode of the mount's root, which is the file itself. */
  static final long ROOT = 1;

  /**
   * The largest READ and WRITE: 256 pages, the kernel's default limit (fs.fuse.max_pages_limit).
   */
  static final int TRANSFER_MAX = 1 << 20;

  static final int PAGES_MAX = 256;

  // Operations.
  static final int FORGET = 2;
  static final int GETATTR = 3;
  static final int SETATTR = 4;
  static final int OPEN = 14;
  static final int READ = 15;
  static final int WRITE = 16;
  static final int STATFS = 17;
  static final int RELEASE = 18;
  static final int FSYNC = 20;
  static final int FLUSH = 25;
  static final int INIT = 26;
  static final int INTERRUPT = 36;
  static final int DESTROY = 38;
  static final int BATCH_FORGET = 42;
  static final int FALLOCATE = 43;

  // struct fuse_in_header: how every request begins.
  static final int IN_LENGTH = 0;
  static final int IN_OPERATION = 4;
  static final int IN_UNIQUE = 8;
  static final int IN_PID = 32;
  static final int IN_SIZE = 40;

  // struct fuse_read_in and fuse_write_in, which agree; offsets from the request's start.
  static final int TRANSFER_OFFSET = IN_SIZE + 8;
  static final int TRANSFER_SIZE = IN_SIZE + 16;
  static final int TRANSFER_OPEN_FLAGS = IN_SIZE + 32;
  static final int TRANSFER_IN_SIZE = IN_SIZE + 40;

  // struct fuse_setattr_in.
  static final int SETATTR_VALID = IN_SIZE;
  static final int SETATTR_SIZE = IN_SIZE + 16;
  static final int SETATTR_IN_SIZE = IN_SIZE + 88;
  static final int FATTR_MODE = 1;
  static final int FATTR_UID = 1 << 1;
  static final int FATTR_GID = 1 << 2;
  static final int FATTR_SIZE = 1 << 3;

  // struct fuse_fallocate_in.
  static final int FALLOCATE_OFFSET = IN_SIZE + 8;
  static final int FALLOCATE_LENGTH = IN_SIZE + 16;
  static final int FALLOCATE_MODE = IN_SIZE + 24;
  static final int FALLOCATE_IN_SIZE = IN_SIZE + 32;
  static final int FALLOC_KEEP_SIZE = 1;
  static final int FALLOC_PUNCH_HOLE = 2;
  static final int FALLOC_ZERO_RANGE = 16;

  // struct fuse_out_header: how every answer and every notification begins.
  static final int OUT_LENGTH = 0;
  static final int OUT_ERROR = 4;
  static final int OUT_UNIQUE = 8;
  static final int OUT_SIZE = 16;

  static final int WRITE_OUT_SIZE = 8;
  static final int ATTR_OUT_SIZE = 104;
  static final int STATFS_OUT_SIZE = 80;

  // struct fuse_init_in (as of 7.36) and fuse_init_out.
  static final int INIT_MAJOR = IN_SIZE;
  static final int INIT_MINOR = IN_SIZE + 4;
  static final int INIT_READ_AHEAD = IN_SIZE + 8;
  static final int INIT_FLAGS = IN_SIZE + 12;
  static final int INIT_FLAGS2 = IN_SIZE + 16;
  static final int INIT_IN_SIZE_MIN = IN_SIZE + 16;
  static final int INIT_OUT_SIZE = 64;

  // Features, as one number of 64 bits: the low half is `flags`, the high half `flags2`.
  static final long ASYNC_READ = 1;
  static final long BIG_WRITES = 1 << 5;
  static final long WRITEBACK_CACHE = 1 << 16;
  static final long NO_OPEN_SUPPORT = 1 << 17;
  static final long HANDLE_KILLPRIV = 1 << 19;
  static final long MAX_PAGES = 1 << 22;
  static final long EXPLICIT_INVAL_DATA = 1 << 25;
  static final long INIT_EXT = 1 << 30;
  static final long HAS_RESEND = 1L << 39;

  // Notifications: sent with unique 0 and the code where answers have the error.
  static final int NOTIFY_INVAL_INODE = 2;
  static final int NOTIFY_STORE = 4;
  static final int NOTIFY_RESEND = 7;
  static final int INVAL_OUT_SIZE = 24;
  static final int STORE_OUT_SIZE = 24;

  private Protocol() {}
}
