package dev.architekt.node.packager;

import dev.architekt.archive.Manifest;
import dev.architekt.node.CommandName;
import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.node.blueprint.BlueprintManifest;
import dev.architekt.node.doctor.Accelerators;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.Host;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What a package is made of, and what it says of itself. */
final class Inputs {
  static final String MACHINE_TYPE = "pc-q35-7.2";
  static final String CPU_MODEL = "qemu64";
  static final String GUEST_MAC = "52:54:00:61:72:6b";
  private static final long PAGE = 4096;

  private final PackagerOptions options;

  Inputs(PackagerOptions options) {
    this.options = options;
  }

  /** Fails when one is missing or cannot be a disk. */
  void require() throws IOException {
    for (Path input : List.of(options.kernel(), options.initramfs(), options.disk())) {
      if (!Files.isRegularFile(input)) {
        throw new IOException(
            input
                + " does not exist; build it with: "
                + CommandName.typed()
                + " blueprint --package NAME");
      }
    }
    for (Path image : images().values()) {
      if (Files.size(image) == 0 || Files.size(image) % PAGE != 0) {
        throw new IOException(
            image
                + " has "
                + Files.size(image)
                + " bytes, expected a raw disk of whole pages of "
                + PAGE);
      }
    }
  }

  /** Raw images by the names of their regions, the root disk first. */
  Map<String, Path> images() {
    Map<String, Path> images = new LinkedHashMap<>();
    images.put("disk", options.disk());
    options.moreDisks().forEach((name, image) -> images.put("disk-" + name, image));
    return images;
  }

  /**
   * What the instance is that boots; its kernel and initial RAM disk are put into the host's state.
   */
  InstanceSpec spec(Host host) throws IOException {
    byte[] kernel = Files.readAllBytes(options.kernel());
    byte[] initramfs = Files.readAllBytes(options.initramfs());
    Blobs.put(host.state(), digest(kernel), ByteBuffer.wrap(kernel), "kernel");
    Blobs.put(host.state(), digest(initramfs), ByteBuffer.wrap(initramfs), "initramfs");
    Accelerators.Choice accelerator = Accelerators.choose(options.accelerator());
    host.output()
        .event(
            "accelerator",
            "accelerator " + accelerator.accelerator().id() + ": " + accelerator.reason());
    Optional<BlueprintManifest> blueprint = blueprint();
    String commandLine =
        blueprint.map(BlueprintManifest::commandLine).orElse("console=ttyS0")
            + (options.bootArgs().isBlank() ? "" : " " + options.bootArgs());
    Map<String, List<String>> hooks = blueprint.map(BlueprintManifest::hooks).orElse(Map.of());
    String name = blueprint.map(Inputs::name).orElse("vm");
    return new InstanceSpec(
        UUID.randomUUID().toString(),
        name,
        options.cpus(),
        options.memoryBytes(),
        MACHINE_TYPE,
        CPU_MODEL,
        accelerator.accelerator().id(),
        commandLine,
        GUEST_MAC,
        digest(kernel),
        digest(initramfs),
        disks(),
        null,
        !hooks.getOrDefault("before-suspend", List.of()).isEmpty(),
        !hooks.getOrDefault("after-resume", List.of()).isEmpty());
  }

  /** What the blueprint says of itself, when the inputs come from one folder of one. */
  private Optional<BlueprintManifest> blueprint() throws IOException {
    Path folder = options.kernel().toAbsolutePath().getParent();
    return Files.exists(folder.resolve(Blueprint.MANIFEST))
        ? Optional.of(Blueprint.open(folder).manifest())
        : Optional.empty();
  }

  private static String name(BlueprintManifest blueprint) {
    // A package's name has fewer letters to choose from than a unit's: postgresql@15-main.
    return blueprint.services().isEmpty()
        ? "vm"
        : blueprint.services().getFirst().replaceAll("[^a-z0-9._-]", "-");
  }

  private List<InstanceSpec.Disk> disks() throws IOException {
    List<InstanceSpec.Disk> disks = new ArrayList<>();
    for (Map.Entry<String, Path> image : images().entrySet()) {
      disks.add(new InstanceSpec.Disk(image.getKey(), Files.size(image.getValue())));
    }
    return disks;
  }

  /** What the package says of it. */
  Manifest manifest(InstanceSpec spec) throws IOException, InterruptedException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return Manifests.of(spec, blueprint(), options.qemu(), now);
  }

  private static String digest(byte[] content) {
    return Blobs.digest(ByteBuffer.wrap(content));
  }
}
