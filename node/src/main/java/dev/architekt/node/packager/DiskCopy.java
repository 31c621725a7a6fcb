package dev.architekt.node.packager;

import dev.architekt.archive.Progress;
import dev.architekt.linux.Fd;
import dev.architekt.region.LocalStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies a raw disk image into a local copy; blocks of zeroes stay holes. */
final class DiskCopy {
  private static final long PIECE = 1 << 20;

  private DiskCopy() {}

  /**
   * @throws InterruptedException if the thread was interrupted
   */
  static void run(Path image, LocalStore target, Progress progress)
      throws IOException, InterruptedException {
    long size = Files.size(image);
    try (Fd source = Fd.open(image.toString(), Fd.O_RDONLY, 0);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(PIECE, 4096);
      MemorySegment zero = arena.allocate(PIECE, 4096);
      for (long offset = 0; offset < size; offset += PIECE) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while copying " + image);
        }
        MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, size - offset));
        source.readAt(offset, piece);
        if (piece.mismatch(zero.asSlice(0, piece.byteSize())) >= 0) {
          target.write(offset, piece);
        }
        progress.at(offset + piece.byteSize(), size);
      }
    }
  }
}
