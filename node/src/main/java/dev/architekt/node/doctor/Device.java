package dev.architekt.node.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The character devices that every VM needs, with the numbers that the kernel gives them. */
public enum Device {
  FUSE("/dev/fuse", 229, "fuse"),
  TUN("/dev/net/tun", 200, "tun");

  private static final int MISC_MAJOR = 10;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_CHARACTER = 0020000;

  private final String path;
  private final int minor;
  private final String module;

  Device(String path, int minor, String module) {
    this.path = path;
    this.minor = minor;
    this.module = module;
  }

  public String path() {
    return path;
  }

  /** The kernel module behind it. */
  public String module() {
    return module;
  }

  String kind() {
    return "character device " + MISC_MAJOR + ":" + minor;
  }

  /** How to get one in place of another thing. */
  String replacement() {
    return "as root: umount "
        + path
        + " if something is mounted over it, else rm it and mknod "
        + path
        + " c "
        + MISC_MAJOR
        + " "
        + minor;
  }

  /** What is wrong with this host's; empty if it is the right one. */
  public Optional<String> wrong() throws IOException {
    return wrong(kind(Path.of(path)));
  }

  /**
   * A file of that name may be another thing, such as the /dev/null that a sandbox puts there.
   *
   * @param found what is there, as of {@link #kind(Path)}
   */
  Optional<String> wrong(Optional<String> found) {
    if (found.isEmpty()) {
      return Optional.of("this host has no " + path);
    }
    return found.get().equals(kind())
        ? Optional.empty()
        : Optional.of(path + " is a " + found.get() + " here, and not the " + kind());
  }

  /** Such as {@code character device 1:3}; empty if there is no such file. */
  static Optional<String> kind(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    int mode = (Integer) Files.getAttribute(file, "unix:mode");
    if ((mode & TYPE_MASK) != TYPE_CHARACTER) {
      return Optional.of(
          Files.isDirectory(file)
              ? "folder"
              : Files.isRegularFile(file) ? "file" : "thing of another kind");
    }
    // As glibc packs them: bits above the lowest eight of either are elsewhere.
    long device = ((Number) Files.getAttribute(file, "unix:rdev")).longValue();
    long major = device >>> 8 & 0xfff | device >>> 32 & 0xfffff000L;
    long minor = device & 0xff | device >>> 12 & 0xffffff00L;
    return Optional.of("character device " + major + ":" + minor);
  }
}
