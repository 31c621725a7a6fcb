package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import dev.architekt.archive.Manifest;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.Region;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A package as the protocol offers it to readers. */
final class PackageService {
  private PackageService() {}

  /** Reads from {@code ark} while it serves; the caller closes that. */
  static ReadService of(ArkReader ark) throws IOException {
    Manifest manifest = ark.manifest();
    Manifest.Machine machine = manifest.machine();
    List<RegionInfo> infos = new ArrayList<>();
    List<Region> regions = new ArrayList<>();
    List<InstanceSpec.Disk> disks = new ArrayList<>();
    Map<String, String> facts = new HashMap<>();
    for (Manifest.Resource resource : inProtocolOrder(manifest.resources())) {
      String name = resource.name();
      boolean memory = name.equals("memory");
      infos.add(
          new RegionInfo(
              name,
              memory ? RegionInfo.Kind.MEMORY : RegionInfo.Kind.DISK,
              (resource.sizeBytes() + Bounds.PAGE_BYTES - 1) / Bounds.PAGE_BYTES));
      regions.add(ark.resource(name));
      facts.put(Facts.BYTES + name, Long.toString(resource.sizeBytes()));
      if (name.startsWith("disk")) {
        disks.add(new InstanceSpec.Disk(name, resource.sizeBytes()));
      }
    }
    InstanceSpec spec =
        new InstanceSpec(
            new UUID(0, 0).toString(),
            manifest.name(),
            machine.cpus(),
            machine.memoryBytes(),
            machine.machineType(),
            machine.cpuModel(),
            machine.accelerator(),
            machine.commandLine(),
            machine.mac(),
            digest(manifest, "kernel"),
            digest(manifest, "initramfs"),
            disks,
            null,
            manifest.hooks().beforeSuspend(),
            manifest.hooks().afterResume());
    facts.put(Facts.KIND, Facts.PACKAGE);
    facts.put(Facts.SPEC, Facts.json(spec));
    facts.put(Facts.HYPERVISOR, machine.hypervisor().name() + " " + machine.hypervisor().version());
    return new ReadService(
        new Message.Description(
            UUID.nameUUIDFromBytes(ark.indexDigest().getBytes(StandardCharsets.UTF_8)),
            0,
            facts,
            infos,
            ""),
        regions);
  }

  /**
   * RAM first, then the disks, as every description counts regions; without the config, which the
   * manifest holds.
   */
  private static List<Manifest.Resource> inProtocolOrder(List<Manifest.Resource> resources) {
    return resources.stream()
        .filter(resource -> !resource.name().equals("config"))
        .sorted(Comparator.comparingInt(resource -> rank(resource.name())))
        .toList();
  }

  private static int rank(String name) {
    return name.equals("memory") ? 0 : name.startsWith("disk") ? 1 : 2;
  }

  private static String digest(Manifest manifest, String name) throws IOException {
    return manifest
        .resource(name)
        .orElseThrow(() -> new IOException("the package has no " + name))
        .sha256();
  }
}
