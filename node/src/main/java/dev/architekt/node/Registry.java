package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import dev.architekt.archive.Manifest;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.AddressText;
import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * Serves one package, read-only: every chunk on demand, checked against its digest as it is read.
 */
public final class Registry {
  private final Path path;
  private final String laddr;
  private final Optional<Path> tls;
  private final Output output;
  private final CountDownLatch stopped = new CountDownLatch(1);

  public Registry(Path path, String laddr, Optional<Path> tls, Output output) {
    this.path = path;
    this.laddr = laddr;
    this.tls = tls;
    this.output = output;
  }

  /** Serves until {@link #stop} or the process's end; the exit status. */
  public int run() throws IOException, InterruptedException {
    WireOptions options = Wiring.options("registry", tls);
    try (ArkReader ark = ArkReader.open(path);
        Listener listener =
            Listener.open(
                Addresses.local("--laddr", laddr), options, Registry::judge, service(ark))) {
      output.event(
          "listening",
          "serving "
              + path
              + " ("
              + ark.manifest().name()
              + ") on "
              + Addresses.text(listener.address())
              + "; Ctrl-C ends it",
          "address",
          AddressText.of(listener.address()),
          "port",
          listener.address().getPort());
      stopped.await();
      return 0;
    }
  }

  public void stop() {
    stopped.countDown();
  }

  private static Authorizer.Verdict judge(
      dev.architekt.migration.wire.Hello hello, dev.architekt.migration.wire.Peer peer) {
    return hello.right() == Right.READ || hello.right() == Right.DESCRIBE
        ? new Authorizer.Verdict.Allow()
        : new Authorizer.Verdict.Refuse(
            Refusal.NOT_AUTHORIZED,
            "this is a registry: a package can be read here; there is no running VM to take over");
  }

  private static ReadService service(ArkReader ark) throws IOException {
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
            UUID.nameUUIDFromBytes(
                ark.indexDigest().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
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
