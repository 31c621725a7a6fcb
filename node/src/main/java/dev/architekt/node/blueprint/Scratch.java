package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The temporary folder of one build, beside the output so that a rename moves what was built. It is
 * removed when the build ends, and also when the JVM is told to end in the middle of one.
 */
final class Scratch implements AutoCloseable {
  private final Path folder;
  private final Tool tool;
  private final Thread hook;
  private boolean removed;

  Scratch(Path parent) throws IOException {
    Files.createDirectories(parent);
    folder = Files.createTempDirectory(parent, ".blueprint-").toAbsolutePath();
    tool = new Tool(folder);
    hook =
        new Thread(
            () -> {
              tool.stop();
              removeQuietly();
              System.err.println("architekt: stopped; what was half built is removed");
            },
            "blueprint-cleanup");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Path folder() {
    return folder;
  }

  Tool tool() {
    return tool;
  }

  @Override
  public void close() throws IOException {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already; the hook finds nothing left to do.
    }
  }

  private void removeQuietly() {
    try {
      remove();
    } catch (IOException e) {
      System.err.println("architekt: could not remove " + folder + ": " + e.getMessage());
    }
  }

  private synchronized void remove() throws IOException {
    if (removed) {
      return;
    }
    unmountInside();
    deleteTree(folder);
    removed = true;
  }

  /**
   * A killed mmdebstrap leaves /proc, /sys or /dev of the host mounted in the root, where deleting
   * would reach the host's own.
   */
  private void unmountInside() throws IOException {
    List<String> mounts = mountsInside();
    for (String mount : mounts.reversed()) {
      Process umount = new ProcessBuilder("umount", "-l", mount).inheritIO().start();
      try {
        if (!umount.waitFor(10, TimeUnit.SECONDS)) {
          umount.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    mounts = mountsInside();
    if (!mounts.isEmpty()) {
      throw new BlueprintException(
          "still mounted, so not deleted: "
              + mounts
              + "; unmount them and remove "
              + folder
              + " by hand");
    }
  }

  private List<String> mountsInside() throws IOException {
    String prefix = folder + "/";
    return Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split(" ", 6)[4])
        .filter(path -> path.startsWith(prefix))
        .toList();
  }

  /** Deletes without following links. */
  static void deleteTree(Path top) throws IOException {
    if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
