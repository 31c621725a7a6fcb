package dev.architekt.node.doctor;

import dev.architekt.hypervisor.Accelerator;
import dev.architekt.linux.Library;
import dev.architekt.node.doctor.Accelerators.Choice;
import dev.architekt.node.doctor.Finding.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at everything that the roles need of a host. Takes a second or two, since it tries what can
 * be tried; leaves nothing behind.
 */
public final class Doctor {
  private static final long GIB = 1L << 30;
  private static final long DISK_LITTLE = 4 * GIB;
  private static final long DISK_TOO_LITTLE = GIB / 2;
  private static final int JAVA_MIN = 25;
  // The oldest release that the driver was tried with.
  private static final int QEMU_MAJOR_MIN = 7;
  private static final int QEMU_MINOR_MIN = 2;
  private static final Pattern QEMU_VERSION = Pattern.compile("version ([0-9]+)\\.([0-9]+)");

  private final Host host;
  private final Path directory;
  private final int javaFeature;

  /** {@code directory} is where packages and caches will go; it need not exist yet. */
  public Doctor(Path directory) {
    this(Host.local(), directory, Runtime.version().feature());
  }

  Doctor(Host host, Path directory, int javaFeature) {
    this.host = host;
    this.directory = directory;
    this.javaFeature = javaFeature;
  }

  /** Whether machines can be run and moved here: nothing that was looked at is missing. */
  public static boolean healthy(List<Finding> findings) {
    return findings.stream().noneMatch(finding -> finding.status() == Status.MISSING);
  }

  /** Looks at everything, in an order that puts causes before their effects. */
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(root());
    findings.add(java());
    findings.add(library("LZ4", Library.LZ4));
    findings.add(library("Zstandard", Library.ZSTD));
    findings.add(library("OpenSSL", Library.SSL));
    findings.add(device("FUSE device", Device.FUSE));
    findings.add(fuse());
    findings.add(userfaultfd());
    findings.add(device("TUN device", Device.TUN));
    findings.add(namespaces());
    findings.add(nftables());
    findings.add(tool("iproute2", "ip", "-V", "set up networks", "iproute2"));
    findings.add(qemu());
    findings.add(accelerator());
    findings.add(counter());
    findings.add(WriteBack.examine(host));
    findings.add(builder("mmdebstrap", "mmdebstrap", "--version", "mmdebstrap"));
    findings.add(builder("e2fsprogs", "mke2fs", "-V", "e2fsprogs"));
    findings.add(builder("busybox", "busybox", "--help", "busybox-static"));
    findings.add(disk());
    return List.copyOf(findings);
  }

  private Finding root() {
    String status = host.text("/proc/self/status").orElse("");
    boolean root = status.lines().anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
    return root
        ? Finding.ok("root", "runs as root")
        : Finding.missing(
            "root",
            "runs as an ordinary user, who may neither mount nor set up networks",
            "run it as root, for example with sudo");
  }

  private Finding java() {
    return javaFeature >= JAVA_MIN
        ? Finding.ok("Java", "Java " + javaFeature)
        : Finding.missing(
            "Java",
            "Java " + javaFeature + ", " + JAVA_MIN + " is needed",
            "install a JDK of version " + JAVA_MIN + " or newer and point JAVA_HOME to it");
  }

  private Finding library(String name, Library library) {
    return host.kernel().has(library)
        ? Finding.ok(name, library.file() + " loads")
        : Finding.missing(
            name,
            "no working " + library.file() + ", which is needed to move machines",
            "apt-get install " + library.debianPackage());
  }

  private Finding device(String name, Device device) {
    String path = device.path();
    try {
      Optional<String> kind = host.kind(path);
      if (kind.isPresent() && device.wrong(kind).isPresent()) {
        return Finding.missing(name, device.wrong(kind).get(), device.replacement());
      }
      host.kernel().open(path);
      return Finding.ok(name, path + " opens");
    } catch (IOException e) {
      return Finding.missing(
          name,
          path + " cannot be opened: " + e.getMessage(),
          "as root: modprobe "
              + device.module()
              + "; in a container, pass the device "
              + path
              + " in");
    }
  }

  private Finding fuse() {
    try {
      host.kernel().fuse();
      return Finding.ok("FUSE mount", "a file was mounted and read");
    } catch (IOException e) {
      return Finding.missing(
          "FUSE mount",
          "a file cannot be mounted: " + e.getMessage(),
          "run as root, with CAP_SYS_ADMIN in a container; kernel 6.6 or newer");
    }
  }

  private Finding userfaultfd() {
    try {
      host.kernel().open("/dev/userfaultfd");
      return Finding.ok("userfaultfd", "/dev/userfaultfd opens");
    } catch (IOException e) {
      return Finding.warn(
          "userfaultfd",
          e.getMessage() + "; only regions mapped as memory into a JVM need it",
          "as root, on a kernel with CONFIG_USERFAULTFD, 6.1 or newer");
    }
  }

  private Finding namespaces() {
    try {
      host.kernel().networkNamespace();
      return Finding.ok("network namespaces", "one was made and removed");
    } catch (IOException e) {
      return Finding.missing(
          "network namespaces",
          "none can be made: " + e.getMessage(),
          "run as root, with CAP_SYS_ADMIN in a container; kernel with CONFIG_NET_NS");
    }
  }

  private Finding nftables() {
    Finding tool = tool("nftables", "nft", "--version", "translate addresses", "nftables");
    if (tool.status() != Status.OK || host.run("nft", "list", "tables").isPresent()) {
      return tool;
    }
    return Finding.missing(
        "nftables",
        tool.detail() + ", but `nft list tables` fails",
        "run as root, on a kernel with CONFIG_NF_TABLES (modprobe nf_tables)");
  }

  private Finding qemu() {
    Finding tool =
        tool("QEMU", "qemu-system-x86_64", "--version", "run machines", "qemu-system-x86");
    if (tool.status() != Status.OK) {
      return tool;
    }
    Matcher version = QEMU_VERSION.matcher(tool.detail());
    if (!version.find()) {
      return Finding.warn("QEMU", "unknown version: " + tool.detail(), "expected 7.2 or newer");
    }
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    boolean tried = major > QEMU_MAJOR_MIN || major == QEMU_MAJOR_MIN && minor >= QEMU_MINOR_MIN;
    return tried
        ? tool
        : Finding.missing(
            "QEMU", tool.detail() + " is older than 7.2", "install QEMU 7.2 or newer");
  }

  private Finding accelerator() {
    try {
      Choice chosen = Accelerators.choose("auto", host);
      String detail = chosen.accelerator().id() + ": " + chosen.reason();
      return chosen.accelerator() == Accelerator.KVM
          ? Finding.ok("accelerator", detail)
          : Finding.warn(
              "accelerator",
              detail,
              "nothing has to be done: guests run several times slower than with hardware");
    } catch (AcceleratorException e) {
      throw new IllegalStateException("auto always finds one", e);
    }
  }

  private Finding counter() {
    OptionalLong khz = TimeStampCounter.khz(host);
    return khz.isPresent()
        ? Finding.ok("time stamp counter", khz.getAsLong() / 1000.0 + " MHz")
        : Finding.warn(
            "time stamp counter",
            "its frequency is unknown, so packages are not checked against it",
            "run as root where dmesg still has the kernel's first messages");
  }

  /** A program that only {@code blueprint} calls: without it the other roles work. */
  private Finding builder(String name, String program, String argument, String debianPackage) {
    Finding finding = tool(name, program, argument, "build guests", debianPackage);
    return finding.status() == Status.OK
        ? finding
        : Finding.warn(name, finding.detail() + " (only `blueprint` needs it)", finding.remedy());
  }

  private Finding tool(
      String name, String program, String argument, String purpose, String debianPackage) {
    Optional<List<String>> lines = host.run(program, argument);
    if (lines.isEmpty()) {
      return Finding.missing(
          name,
          "no working " + program + ", which is needed to " + purpose,
          "apt-get install " + debianPackage);
    }
    String first = lines.get().stream().filter(line -> !line.isBlank()).findFirst().orElse("");
    return Finding.ok(name, first.strip());
  }

  private Finding disk() {
    long free;
    try {
      free = host.freeBytes(directory);
    } catch (IOException e) {
      return Finding.warn(
          "disk",
          "cannot tell what is free at " + directory + ": " + e.getMessage(),
          "look yourself");
    }
    String detail = "%.1f GiB free at %s".formatted((double) free / GIB, directory);
    String remedy = "free some space, or choose another directory";
    if (free < DISK_TOO_LITTLE) {
      return Finding.missing("disk", detail + ", too little for one package", remedy);
    }
    return free < DISK_LITTLE
        ? Finding.warn("disk", detail + ", enough for a package or two", remedy)
        : Finding.ok("disk", detail);
  }
}
