package dev.architekt.node.packager;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import dev.architekt.node.PackageService;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.state.InstanceSpec;
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
    InstanceSpec spec = plane.spec();
    try (ArkWriter writer = new ArkWriter(manifest)) {
      writer.add("config", spec.toJson());
      writer.add("kernel", Blobs.path(plane.host().state(), spec.kernelDigest()));
      writer.add("initramfs", Blobs.path(plane.host().state(), spec.initramfsDigest()));
      writer.add("memory", plane.stores().memory());
      for (InstanceSpec.Disk disk : spec.disks()) {
        writer.add(disk.name(), plane.stores().disk(disk.name()));
      }
      writer.add(PackageService.STATE, state);
      if (trace.isPresent()) {
        writer.add(PackageService.TRACE, trace.get());
      }
      return writer.write(fresh, progress);
    }
  }

  /** Puts it in its place, durably, instead of what was there. */
  void publish() throws IOException {
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
