package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes an ext4 file system of a folder. */
final class DiskImage {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long FREE_MIN = 128L << 20;
  private static final long STEP = 16L << 20;

  private DiskImage() {}

  /** Bytes that the files under the folder take in blocks of 4 KiB. */
  static long contentSize(Path root) throws IOException {
    long[] total = new long[1];
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            total[0] += 4096;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total[0] += attributes.isRegularFile() ? (attributes.size() + 4095) & ~4095L : 0;
            return FileVisitResult.CONTINUE;
          }
        });
    return total[0];
  }

  /**
   * A size with room for the file system's own structures and at least 128 MiB, or half as much
   * again, free.
   */
  static long fittingSize(long content) {
    long size = content + Math.max(FREE_MIN, content / 2) + content / 20;
    return (size + STEP - 1) / STEP * STEP;
  }

  /** Sets times after {@code epochSeconds} back to it, so that equal content makes equal bytes. */
  static void clampTimes(Path root, long epochSeconds) throws IOException {
    FileTime latest = FileTime.fromMillis(epochSeconds * 1000);
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            clamp(file, attributes);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            clamp(folder, Files.readAttributes(folder, BasicFileAttributes.class));
            return FileVisitResult.CONTINUE;
          }

          private void clamp(Path path, BasicFileAttributes attributes) throws IOException {
            // A pipe or device would be opened for this, which may wait or fail.
            if (!attributes.isOther() && attributes.lastModifiedTime().compareTo(latest) > 0) {
              Files.getFileAttributeView(
                      path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                  .setTimes(latest, latest, null);
            }
          }
        });
  }

  /**
   * @param id of the file system; the hash seed of its folders follows from it
   */
  static void make(Tool tool, Path root, Path image, long size, UUID id, long epochSeconds)
      throws IOException, InterruptedException {
    String output =
        tool.check(
            "make the guest's disk of " + (size >> 20) + " MiB (is --disk-size too small?)",
            List.of(
                Tool.find("mke2fs", "e2fsprogs"),
                "-q",
                "-t",
                "ext4",
                "-b",
                "4096",
                "-m",
                "0",
                "-J",
                "size=4",
                // Whatever is left for the guest to initialise would be dirtied by it while it
                // moves.
                "-E",
                "lazy_itable_init=0,lazy_journal_init=0,nodiscard,hash_seed=" + id,
                "-O",
                "^resize_inode",
                "-U",
                id.toString(),
                "-L",
                "architekt",
                "-d",
                root.toString(),
                image.toString(),
                size / 4096 + ""),
            Map.of("E2FSPROGS_FAKE_TIME", Long.toString(epochSeconds)),
            LIMIT);
    if (!Files.isRegularFile(image)) {
      throw new BlueprintException("mke2fs made no disk, and said: " + output);
    }
  }
}
