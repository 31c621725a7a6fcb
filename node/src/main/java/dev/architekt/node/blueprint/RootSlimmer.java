package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes out of a root what only the installing needed: every package that the wanted ones do not
 * depend on (the essential set is there for maintainer scripts; busybox serves a running guest
 * instead), documentation, caches.
 */
final class RootSlimmer {
  /**
   * Depended upon by packages, but only to be installed, or replaced by busybox and by the run
   * scripts.
   */
  static final Set<String> INSTALL_ONLY =
      Set.of(
          "adduser",
          "apt",
          "base-passwd",
          "bash",
          "bsdutils",
          "coreutils",
          "dash",
          "debconf",
          "debconf-2.0",
          "debianutils",
          "debian-archive-keyring",
          "diffutils",
          "dpkg",
          "e2fsprogs",
          "findutils",
          "gpgv",
          "grep",
          "gzip",
          "hostname",
          "init-system-helpers",
          "iproute2",
          "libc-bin",
          "login",
          "logrotate",
          "logsave",
          "lsb-base",
          "mount",
          "ncurses-base",
          "ncurses-bin",
          "passwd",
          "perl",
          "perl-base",
          "procps",
          "sed",
          "systemd",
          "systemd-sysv",
          "sysvinit-utils",
          "tar",
          "ucf",
          "udev",
          "usrmerge",
          "util-linux",
          "util-linux-extra");

  /** Whole folders, and files at the top, that no running service reads. */
  private static final List<String> DROPPED =
      List.of(
          "usr/share/doc",
          "usr/share/doc-base",
          "usr/share/man",
          "usr/share/info",
          "usr/share/locale",
          "usr/share/i18n",
          "usr/share/lintian",
          "usr/share/bug",
          "usr/share/bash-completion",
          "usr/share/zsh",
          "usr/share/common-licenses",
          "usr/share/debconf",
          "usr/share/gdb",
          "usr/share/pixmaps",
          "usr/lib/x86_64-linux-gnu/gconv",
          "usr/lib/systemd",
          "usr/lib/udev",
          "usr/include",
          "usr/src",
          "var/lib/apt",
          "var/lib/dpkg",
          "var/lib/systemd",
          "var/lib/ucf",
          "var/lib/pam",
          "var/cache",
          "var/backups",
          "var/log/apt",
          "var/log/dpkg.log",
          "var/log/alternatives.log",
          "var/log/bootstrap.log",
          "etc/systemd",
          "etc/init.d",
          "etc/rc0.d",
          "etc/rc1.d",
          "etc/rc2.d",
          "etc/rc3.d",
          "etc/rc4.d",
          "etc/rc5.d",
          "etc/rc6.d",
          "etc/rcS.d",
          "etc/cron.d",
          "etc/cron.daily",
          "etc/cron.hourly",
          "etc/cron.monthly",
          "etc/cron.weekly",
          "etc/logrotate.d",
          "etc/apt",
          "etc/dpkg",
          "etc/kernel",
          "etc/pam.d",
          "etc/apparmor.d",
          "etc/ufw",
          "boot",
          "dev",
          "lib/modules",
          "vmlinuz",
          "initrd.img");

  private final Path root;

  RootSlimmer(Path root) throws IOException {
    this.root = root.toRealPath();
  }

  /** Deletes the files of every package of {@code database} that is not in {@code kept}. */
  void dropPackagesExcept(Set<String> kept, PackageDatabase database) throws IOException {
    Set<Path> keptFiles = new HashSet<>();
    for (String name : kept) {
      for (String file : database.files(name)) {
        Path path = inside(file);
        if (path != null) {
          keptFiles.add(path);
        }
      }
    }
    Path locales = root.resolve("usr/lib/locale");
    for (String name : database.names()) {
      if (kept.contains(name)) {
        continue;
      }
      // Deepest first, so that folders are empty by the time they come up.
      for (String file : database.files(name).reversed()) {
        Path path = inside(file);
        // C.UTF-8, which comes with a package that only installing needs otherwise.
        if (path != null && !keptFiles.contains(path) && !path.startsWith(locales)) {
          deleteFileOrEmptyFolder(path);
        }
      }
    }
  }

  /** Deletes {@link #DROPPED} and links that lead nowhere now. */
  void dropDocumentationAndCaches() throws IOException {
    for (String path : DROPPED) {
      Path inside = inside("/" + path);
      if (inside != null) {
        Scratch.deleteTree(inside);
      }
    }
    // These are expected to exist, empty, by more programs than one.
    for (String folder : List.of("var/cache", "boot", "dev")) {
      Files.createDirectories(root.resolve(folder));
    }
    dropDanglingLinks();
  }

  private void dropDanglingLinks() throws IOException {
    for (String top : List.of("usr/bin", "usr/sbin", "usr/lib", "etc/alternatives")) {
      Path folder = root.resolve(top);
      if (!Files.isDirectory(folder)) {
        continue;
      }
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              if (attributes.isSymbolicLink() && leadsNowhere(file)) {
                Files.delete(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    }
  }

  private boolean leadsNowhere(Path link) throws IOException {
    Path target = Files.readSymbolicLink(link);
    Path host =
        target.isAbsolute()
            ? root.resolve(target.toString().substring(1))
            : link.getParent().resolve(target);
    return !Files.exists(host, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The path on this host, its folders' links resolved, or null when that leads out of the root or
   * nowhere.
   */
  private Path inside(String path) throws IOException {
    Path plain = root.resolve(path.substring(1)).normalize();
    if (plain.equals(root) || !plain.startsWith(root)) {
      return null;
    }
    try {
      Path parent = plain.getParent().toRealPath();
      return parent.startsWith(root) ? parent.resolve(plain.getFileName()) : null;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null; // Deleted with its folder already.
    }
  }

  private static void deleteFileOrEmptyFolder(Path path) throws IOException {
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException e) {
      // Another package, or something made at run time, still lives there.
    }
  }
}
