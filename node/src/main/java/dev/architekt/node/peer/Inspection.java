package dev.architekt.node.peer;

import dev.architekt.archive.ArkReader;
import dev.architekt.archive.Manifest;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Facts;
import dev.architekt.node.HttpRange;
import dev.architekt.node.Wiring;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a package holds, or what a registry or a peer offers, without taking it.
 *
 * @param properties in the order in which people want to know them; values are texts and numbers
 */
public record Inspection(Map<String, Object> properties, List<Part> parts) {
  /**
   * A resource of a package, or a region that is offered.
   *
   * @param sha256 of its bytes; empty where nobody says
   */
  public record Part(String name, long bytes, String sha256) {}

  /** Told how far verifying is, in bytes. */
  @FunctionalInterface
  public interface Watcher {
    void at(long done, long total);
  }

  /**
   * A package in a file.
   *
   * @param verify read all of it, and check every byte
   */
  public static Inspection of(Path file, boolean verify, Watcher watcher)
      throws IOException, InterruptedException {
    try (ArkReader ark = ArkReader.open(file)) {
      return of(ark, verify, watcher);
    }
  }

  /** A package on a web server; as above. */
  public static Inspection of(String url, boolean verify, Watcher watcher)
      throws IOException, InterruptedException {
    try (ArkReader ark = ArkReader.open(HttpRange.open(url), ArkReader.Checks.DIGESTS)) {
      return of(ark, verify, watcher);
    }
  }

  private static Inspection of(ArkReader ark, boolean verify, Watcher watcher)
      throws IOException, InterruptedException {
    if (verify) {
      ark.verify(watcher::at);
    }
    Manifest manifest = ark.manifest();
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("kind", Facts.PACKAGE);
    properties.put("name", manifest.name());
    properties.put("format", manifest.version().toString());
    properties.put("created", manifest.createdAt().toString());
    machine(properties, manifest.machine());
    hooks(properties, manifest.hooks().beforeSuspend(), manifest.hooks().afterResume());
    properties.put("index", ark.indexDigest());
    List<Part> parts = new ArrayList<>();
    for (Manifest.Resource resource : manifest.resources()) {
      parts.add(new Part(resource.name(), resource.sizeBytes(), resource.sha256()));
    }
    return new Inspection(properties, parts);
  }

  private static void machine(Map<String, Object> properties, Manifest.Machine machine) {
    properties.put("cpus", machine.cpus());
    properties.put("memoryBytes", machine.memoryBytes());
    properties.put("machineType", machine.machineType());
    properties.put("cpuModel", machine.cpuModel());
    properties.put("accelerator", machine.accelerator());
    properties.put(
        "hypervisor", machine.hypervisor().name() + " " + machine.hypervisor().version());
    machine
        .tsc()
        .ifPresent(tsc ->
            properties.put("tsc", tsc.khz() + " kHz, within " + tsc.tolerancePpm() + " ppm"));
    properties.put("commandLine", machine.commandLine());
  }

  private static void hooks(Map<String, Object> properties, boolean before, boolean after) {
    properties.put(
        "hooks",
        before && after
            ? "before-suspend, after-resume"
            : before ? "before-suspend" : after ? "after-resume" : "none");
  }

  /**
   * What somebody offers: a registry its package, a peer its running VM.
   *
   * @param seconds how long to wait for an answer
   */
  public static Inspection of(InetSocketAddress address, WireOptions wire, long seconds)
      throws IOException, InterruptedException {
    return of("", address, wire, seconds);
  }

  /**
   * As above.
   *
   * @param subject the name of the package or VM; empty for the only one
   */
  public static Inspection of(
      String subject, InetSocketAddress address, WireOptions wire, long seconds)
      throws IOException, InterruptedException {
    try (BlobClient client =
        new BlobClient(Right.DESCRIBE, subject, address, wire, 1, Wiring.WINDOW_BYTES, seconds)) {
      Message.Description description = client.describe();
      InstanceSpec spec = Facts.spec(description, client.origin());
      boolean isPackage = Facts.isPackage(description.facts());
      Map<String, Object> properties = new LinkedHashMap<>();
      properties.put("kind", isPackage ? Facts.PACKAGE : Facts.INSTANCE);
      properties.put("name", spec.name());
      if (!isPackage) {
        properties.put("instance", description.instance().toString());
        properties.put("address", description.address());
      }
      properties.put("cpus", spec.cpus());
      properties.put("memoryBytes", spec.memoryBytes());
      properties.put("machineType", spec.machineType());
      properties.put("cpuModel", spec.cpuModel());
      properties.put("accelerator", spec.accelerator());
      properties.put("commandLine", spec.commandLine());
      hooks(properties, spec.beforeSuspend(), spec.afterResume());
      List<Part> parts = new ArrayList<>();
      for (RegionInfo region : description.regions()) {
        parts.add(new Part(region.name(), region.pages() * Bounds.PAGE_BYTES, ""));
      }
      return new Inspection(properties, parts);
    }
  }
}
