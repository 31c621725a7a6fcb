package dev.architekt.node.packager;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.archive.Progress;
import dev.architekt.node.PackageService;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What a VM is made of, as the contents of a package. */
final class PackageContent {
  private PackageContent() {}

  /**
   * Writes the package of a VM that stands still; it appears complete and durable, or not at all.
   *
   * @param device the state of its devices, which fits the copies
   * @param trace what the guest touched first, if that was recorded
   * @throws InterruptedException if the thread was interrupted; nothing is left then
   */
  static ArkWriter.Written write(
      Path target,
      Manifest manifest,
      InstanceSpec spec,
      StateDirectory state,
      Stores stores,
      byte[] device,
      Optional<byte[]> trace,
      Progress progress)
      throws IOException, InterruptedException {
    try (ArkWriter writer = new ArkWriter(manifest)) {
      writer.add("config", spec.toJson());
      writer.add("kernel", Blobs.path(state, spec.kernelDigest()));
      writer.add("initramfs", Blobs.path(state, spec.initramfsDigest()));
      writer.add("memory", stores.memory());
      for (InstanceSpec.Disk disk : spec.disks()) {
        writer.add(disk.name(), stores.disk(disk.name()));
      }
      writer.add(PackageService.STATE, device);
      if (trace.isPresent()) {
        writer.add(PackageService.TRACE, trace.get());
      }
      return writer.write(target, progress);
    }
  }
}
