package dev.architekt.node.packager;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import dev.architekt.node.instance.DataPlane;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The package of a suspended guest, written beside its place and put there when it is good. */
final class PackageFile {
  private final Path fresh;
  private final Path target;

  /**
   * @param work a folder on the same file system as {@code target}
   */
  PackageFile(Path work, Path target) {
    this.fresh = work.resolve("package.ark");
    this.target = target.toAbsolutePath();
  }

  /** Where it lies until {@link #publish}. */
  Path fresh() {
    return fresh;
  }

  /**
   * Writes it.
   *
   * @param state of the machine's devices
   * @param trace what the guest touched first, if that was recorded
   * @throws InterruptedException if the thread was interrupted
   */
  ArkWriter.Written write(
      Manifest manifest, DataPlane plane, byte[] state, Optional<byte[]> trace, Progress progress)
      throws IOException, InterruptedException {
    return PackageContent.write(
        fresh,
        manifest,
        plane.spec(),
        plane.host().state(),
        plane.stores(),
        state,
        trace,
        progress);
  }

  /** Puts it in its place, durably, instead of what was there. */
  void publish() throws IOException {
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
