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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A package as the protocol offers it to readers. */
public final class PackageService {
  /** The device state's resource. */
  public static final String STATE = "state";

  /** The resource of what was touched first the last time; a package need not have it. */
  public static final String TRACE = "trace";

  private PackageService() {}

  /** Reads from {@code ark} while it serves; the caller closes that. */
  public static ReadService of(ArkReader ark) throws IOException {
    Manifest manifest = ark.manifest();
    Manifest.Machine machine = manifest.machine();
    Map<String, Region> regions = new LinkedHashMap<>();
    List<InstanceSpec.Disk> disks = new ArrayList<>();
    for (Manifest.Resource resource : inProtocolOrder(manifest.resources())) {
      String name = resource.name();
      regions.put(name, ark.resource(name));
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
    return of(
        UUID.nameUUIDFromBytes(ark.indexDigest().getBytes(StandardCharsets.UTF_8)),
        spec,
        machine.hypervisor().name() + " " + machine.hypervisor().version(),
        regions);
  }

  /**
   * What need not be in a file.
   *
   * @param id of the package; the same content has the same
   * @param hypervisor which driver and version the device state comes from
   * @param regions RAM first, then the disks, then what else belongs to it; they stay the caller's
   */
  public static ReadService of(
      UUID id, InstanceSpec spec, String hypervisor, Map<String, Region> regions) {
    List<RegionInfo> infos = new ArrayList<>();
    Map<String, String> facts = new HashMap<>();
    regions.forEach((name, region) -> {
      infos.add(
          new RegionInfo(
              name,
              name.equals("memory") ? RegionInfo.Kind.MEMORY : RegionInfo.Kind.DISK,
              (region.size() + Bounds.PAGE_BYTES - 1) / Bounds.PAGE_BYTES));
      facts.put(Facts.BYTES + name, Long.toString(region.size()));
    });
    facts.put(Facts.KIND, Facts.PACKAGE);
    facts.put(Facts.SPEC, Facts.json(spec));
    facts.put(Facts.HYPERVISOR, hypervisor);
    return new ReadService(
        new Message.Description(id, 0, facts, infos, ""), List.copyOf(regions.values()));
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
