package dev.architekt.archive;

import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a package says about itself: {@code manifest.json}, its first entry.
 *
 * <p>A record that exists is valid: each constructor refuses impossible values with {@link
 * IllegalArgumentException}, naming the field and both the expected and the given value.
 *
 * @param version the format's version; a reader takes any minor of its own major version
 * @param createdAt when the package was made, to the second
 * @param name the package's name: lower-case letters, digits, {@code . _ -}, at most 63
 * @param machine what a host must offer to resume it
 * @param hooks which hooks the guest runs around a move
 * @param services what the guest listens on
 * @param liveness how to tell that the guest serves; empty if nothing tells
 * @param labels free notes for people and tools (at most 64)
 * @param resources the contents in the order in which they are stored; empty when handed to {@link
 *     ArkWriter}
 */
public record Manifest(
    Version version,
    Instant createdAt,
    String name,
    Machine machine,
    Hooks hooks,
    List<Service> services,
    Optional<Liveness> liveness,
    Map<String, String> labels,
    List<Resource> resources) {

  /** The version that this release writes. */
  public static final Version CURRENT = new Version(1, 0);

  /** The entry's name in the package. */
  public static final String FILE_NAME = "manifest.json";

  static final int RESOURCES_MAX = 64;
  private static final int TEXT_MAX = 4096;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+:,=~-]{0,255}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  // The second digit's lowest bit marks a group address, which no network card may have.
  private static final Pattern MAC = Pattern.compile("[0-9a-f][02468ace](:[0-9a-f]{2}){5}");

  public Manifest {
    InvalidValue.present("version", version);
    InvalidValue.present("createdAt", createdAt);
    InvalidValue.range("createdAt", createdAt.getEpochSecond(), 0, (1L << 33) - 1);
    createdAt = Instant.ofEpochSecond(createdAt.getEpochSecond());
    InvalidValue.matches("name", name, NAME, "a name like \"redis-7\" (a-z 0-9 . _ -, at most 63)");
    InvalidValue.present("machine", machine);
    InvalidValue.present("hooks", hooks);
    services = List.copyOf(services);
    InvalidValue.range("services", services.size(), 0, 64);
    InvalidValue.present("liveness", liveness);
    InvalidValue.range("labels", labels.size(), 0, 64);
    labels.forEach((key, value) -> {
      InvalidValue.matches("labels", key, WORD, "a key of letters, digits and . _ + : -");
      InvalidValue.text("labels." + key, value, TEXT_MAX);
    });
    // Sorted, so that the same manifest is always the same bytes.
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    resources = List.copyOf(resources);
    InvalidValue.range("resources", resources.size(), 0, RESOURCES_MAX);
    Set<String> names = new HashSet<>();
    for (Resource resource : resources) {
      if (!names.add(resource.name())) {
        throw new InvalidValue(
            "resources", "each name once", InvalidValue.quoted(resource.name()) + " twice");
      }
    }
  }

  /** The same manifest with other resources. */
  public Manifest withResources(List<Resource> resources) {
    return new Manifest(
        version, createdAt, name, machine, hooks, services, liveness, labels, resources);
  }

  /** The resource of that name, if the package has it. */
  public Optional<Resource> resource(String name) {
    return resources.stream().filter(resource -> resource.name().equals(name)).findFirst();
  }

  /** A version of the format: a new major is not readable by older readers, a new minor is. */
  public record Version(int major, int minor) {
    public Version {
      InvalidValue.range("major", major, 0, 9999);
      InvalidValue.range("minor", minor, 0, 9999);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /**
   * The virtual machine, and what must be equal on every host that runs it.
   *
   * @param cpus virtual processors, 1 to 1,024
   * @param memoryBytes guest RAM, a multiple of 4,096, at most 64 TiB
   * @param machineType a versioned type ({@code pc-q35-7.2}), never an alias that moves with the
   *     release
   * @param cpuModel a named model, never one that depends on the host
   * @param accelerator what it was snapshotted under: {@code tcg} or {@code kvm}
   * @param hypervisor the driver and its version at the time of the snapshot
   * @param tsc the time stamp counter that the guest has calibrated to; empty if it uses none
   * @param commandLine the kernel's command line
   * @param mac the guest's network card, lower case with colons
   */
  public record Machine(
      int cpus,
      long memoryBytes,
      String machineType,
      String cpuModel,
      String accelerator,
      Hypervisor hypervisor,
      Optional<Tsc> tsc,
      String commandLine,
      String mac) {
    public Machine {
      InvalidValue.range("cpus", cpus, 1, 1024);
      InvalidValue.range("memoryBytes", memoryBytes, 1 << 20, 1L << 46);
      if (memoryBytes % 4096 != 0) {
        throw new InvalidValue("memoryBytes", "a multiple of 4096", Long.toString(memoryBytes));
      }
      InvalidValue.matches("machineType", machineType, WORD, "a machine type like \"pc-q35-7.2\"");
      InvalidValue.matches("cpuModel", cpuModel, WORD, "a CPU model like \"qemu64\"");
      InvalidValue.matches("accelerator", accelerator, WORD, "\"tcg\" or \"kvm\"");
      InvalidValue.present("hypervisor", hypervisor);
      InvalidValue.present("tsc", tsc);
      InvalidValue.text("commandLine", commandLine, TEXT_MAX);
      InvalidValue.matches("mac", mac, MAC, "a unicast address like \"02:0e:d9:00:00:02\"");
    }
  }

  /** A hypervisor driver ({@code qemu}) and the version that wrote the state ({@code 7.2.22}). */
  public record Hypervisor(String name, String version) {
    public Hypervisor {
      InvalidValue.matches("name", name, NAME, "a driver's name like \"qemu\"");
      InvalidValue.matches("version", version, WORD, "a version like \"7.2.22\"");
    }
  }

  /**
   * The counter frequency that the guest's clock relies on. It counts under TCG too: QEMU's
   * emulated counter is the host's own, moved by an offset, so a host of another frequency makes
   * the guest's clock run wrong.
   *
   * @param khz thousands of ticks a second
   * @param tolerancePpm by how many millionths a host's frequency may differ
   */
  public record Tsc(long khz, int tolerancePpm) {
    /** What time synchronisation in the guest corrects by itself. */
    public static final int DEFAULT_TOLERANCE_PPM = 250;

    public Tsc {
      InvalidValue.range("khz", khz, 1, 100_000_000);
      InvalidValue.range("tolerancePpm", tolerancePpm, 0, 1_000_000);
    }

    /** Whether a host whose counter runs at {@code hostKhz} will do. */
    public boolean accepts(long hostKhz) {
      return Math.abs(hostKhz - khz) * 1_000_000.0 <= (double) khz * tolerancePpm;
    }
  }

  /** Whether the guest has hooks to run before it is suspended and after it is resumed. */
  public record Hooks(boolean beforeSuspend, boolean afterResume) {}

  /** A port that the guest serves: {@code protocol} is {@code tcp} or {@code udp}. */
  public record Service(String name, String protocol, int port) {
    private static final Pattern PROTOCOL = Pattern.compile("tcp|udp");

    public Service {
      InvalidValue.matches("name", name, NAME, "a service's name like \"redis\"");
      InvalidValue.matches("protocol", protocol, PROTOCOL, "\"tcp\" or \"udp\"");
      InvalidValue.range("port", port, 1, 65_535);
    }
  }

  /**
   * How one tells that the guest serves.
   *
   * @param probe the kind of question: {@code tcp}, {@code redis}, {@code agent}, …
   * @param port where it is asked, 0 if the probe needs none
   * @param timeoutMillis how long after boot an answer may take
   */
  public record Liveness(String probe, int port, long timeoutMillis) {
    public Liveness {
      InvalidValue.matches("probe", probe, NAME, "a probe's name like \"tcp\"");
      InvalidValue.range("port", port, 0, 65_535);
      InvalidValue.range("timeoutMillis", timeoutMillis, 1, 86_400_000);
    }
  }

  /**
   * One of the package's contents.
   *
   * @param name {@code config}, {@code kernel}, {@code initramfs}, {@code disk} (then {@code
   *     disk-NAME}, …), {@code memory}, {@code state}, {@code trace} (what is touched first)
   * @param sizeBytes uncompressed size, at most 64 TiB
   * @param sha256 digest of the uncompressed bytes, 64 lower-case hexadecimal digits
   */
  public record Resource(String name, long sizeBytes, String sha256) {
    private static final Pattern RESOURCE = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    public Resource {
      InvalidValue.matches("name", name, RESOURCE, "a resource's name like \"disk1\"");
      InvalidValue.range("sizeBytes", sizeBytes, 0, 1L << 46);
      InvalidValue.matches("sha256", sha256, SHA256, "64 lower-case hexadecimal digits");
    }
  }
}
