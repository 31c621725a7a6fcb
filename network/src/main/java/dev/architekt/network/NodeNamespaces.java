package dev.architekt.network;

import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds network namespaces, and who is in them, by inode number. */
final class NodeNamespaces {
  private NodeNamespaces() {}

  /** Opens namespace {@code inode} if anything still keeps it: a name, or a process. */
  static Optional<Fd> find(long inode) throws IOException {
    Fd own = Namespaces.currentNetwork();
    if (Namespaces.inode(own) == inode) {
      return Optional.of(own);
    }
    own.close();
    Path names = Namespaces.pathOf("x").getParent();
    if (Files.isDirectory(names)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(names)) {
        for (Path entry : entries) {
          Optional<Fd> found = openIf(entry, inode);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    Optional<Long> inside = processIn(inode);
    return inside.isPresent()
        ? openIf(Path.of("/proc/" + inside.get() + "/ns/net"), inode)
        : Optional.empty();
  }

  /** Some process in namespace {@code inode}. */
  static Optional<Long> processIn(long inode) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.readSymbolicLink(process.resolve("ns/net"))
              .toString()
              .equals("net:[" + inode + "]")) {
            return Optional.of(Long.parseLong(process.getFileName().toString()));
          }
        } catch (IOException e) {
          // It ended meanwhile, or is a kernel thread.
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Fd> openIf(Path path, long inode) throws IOException {
    try {
      Fd fd = Fd.open(path.toString(), Fd.O_RDONLY, 0);
      if (Namespaces.inode(fd) == inode) {
        return Optional.of(fd);
      }
      fd.close();
    } catch (LinuxException e) {
      // Removed meanwhile.
    }
    return Optional.empty();
  }
}
