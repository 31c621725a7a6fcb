package dev.architekt.mount;

import java.util.Objects;

/**
 * How a region is mounted.
 *
 * @param name what error messages, thread names and mount tables call the mount; no commas or
 *     spaces
 * @param readers threads that serve requests, 1 to 64; what one costs is a megabyte of buffer
 * @param readAheadKib how far the kernel reads ahead of a sequential reader, in KiB, 0 to 16384; it
 *     does not govern what a huge-page fault reads
 * @param uid owner of the mounted file, whom the kernel lets open it
 * @param gid group of the mounted file
 * @param mode permission bits of the mounted file, without the file type
 * @param trouble told of failures
 */
public record MountOptions(
    String name, int readers, int readAheadKib, int uid, int gid, int mode, MountTrouble trouble) {
  public static final int READERS_MAX = 64;
  public static final int READ_AHEAD_KIB_MAX = 16 * 1024;

  public MountOptions {
    Objects.requireNonNull(trouble, "trouble");
    if (!name.matches("[A-Za-z0-9._:-]{1,64}")) {
      throw new IllegalArgumentException(
          "mount name '" + name + "': 1 to 64 letters, digits and ._:- expected");
    }
    if (readers < 1 || readers > READERS_MAX) {
      throw new IllegalArgumentException(readers + " readers, 1 to " + READERS_MAX + " expected");
    }
    if (readAheadKib < 0 || readAheadKib > READ_AHEAD_KIB_MAX) {
      throw new IllegalArgumentException(
          "read-ahead of " + readAheadKib + " KiB, 0 to " + READ_AHEAD_KIB_MAX + " expected");
    }
    if (uid < 0 || gid < 0 || (mode & ~0777) != 0) {
      throw new IllegalArgumentException(
          "owner " + uid + ":" + gid + " mode " + Integer.toOctalString(mode));
    }
  }

  /**
   * Two readers or as many as there are processors up to four, read-ahead 128 KiB, root's with mode
   * 0600.
   */
  public static MountOptions defaults() {
    int readers = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
    return new MountOptions("architekt", readers, 128, 0, 0, 0600, MountTrouble.logged());
  }

  public MountOptions withName(String name) {
    return new MountOptions(name, readers, readAheadKib, uid, gid, mode, trouble);
  }

  public MountOptions withReaders(int readers) {
    return new MountOptions(name, readers, readAheadKib, uid, gid, mode, trouble);
  }

  public MountOptions withReadAheadKib(int readAheadKib) {
    return new MountOptions(name, readers, readAheadKib, uid, gid, mode, trouble);
  }

  public MountOptions withOwner(int uid, int gid, int mode) {
    return new MountOptions(name, readers, readAheadKib, uid, gid, mode, trouble);
  }

  public MountOptions withTrouble(MountTrouble trouble) {
    return new MountOptions(name, readers, readAheadKib, uid, gid, mode, trouble);
  }
}
