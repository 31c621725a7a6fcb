package dev.architekt.network;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import dev.architekt.linux.LinuxException;
import dev.architekt.linux.Namespaces;
import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what this host lacks to run VMs behind namespaces, and what to do about it. Changes nothing.
 */
public final class NetworkDoctor {
  private static final long CAP_NET_ADMIN = 1L << 12;
  private static final long CAP_NET_RAW = 1L << 13;
  private static final long CAP_SYS_ADMIN = 1L << 21;

  private final VmNetwork network;

  public NetworkDoctor(VmNetwork network) {
    this.network = network;
  }

  /** Looks at everything that can be looked at, in the calling thread's network namespace. */
  public List<Finding> examine() throws IOException {
    List<Finding> findings = new ArrayList<>();
    findings.add(privileges());
    findings.add(tun());
    findings.add(namespaces());
    Finding ip = tool("ip", "-V", "iproute2");
    Finding nft = tool("nft", "--version", "nftables");
    findings.add(ip);
    findings.add(nft);
    if (ip.problem() == null) {
      findings.add(subnets());
    }
    if (nft.problem() == null) {
      findings.addAll(rules(network.prefix()));
    }
    return findings;
  }

  /** Throws the first fatal finding. */
  public void require() throws IOException {
    for (Finding finding : examine()) {
      if (finding.fatal()) {
        throw new NetworkException(finding.problem(), finding.what(), finding.action());
      }
    }
  }

  private static Finding privileges() throws IOException {
    long wanted = CAP_NET_ADMIN | CAP_NET_RAW | CAP_SYS_ADMIN;
    long effective =
        Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    return (effective & wanted) == wanted
        ? Finding.fine("may administer networks and namespaces")
        : Finding.fatal(
            Problem.NOT_PRIVILEGED,
            "this process may not administer networks (it lacks CAP_NET_ADMIN, CAP_NET_RAW or"
                + " CAP_SYS_ADMIN)",
            "run it as root, for example with sudo");
  }

  private static Finding tun() {
    try {
      Fd.open("/dev/net/tun", Fd.O_RDWR, 0).close();
      return Finding.fine("/dev/net/tun opens");
    } catch (LinuxException e) {
      return Finding.fatal(
          Problem.TUN_MISSING,
          e.getMessage(),
          e.errno() == Errno.EACCES || e.errno() == Errno.EPERM
              ? "run as root; in a container, pass the device /dev/net/tun in"
              : "modprobe tun; in a container, pass the device /dev/net/tun in");
    }
  }

  private Finding namespaces() {
    if (!Files.exists(Path.of("/proc/self/ns/net"))) {
      return Finding.fatal(
          Problem.NAMESPACES_MISSING,
          "this kernel has no network namespaces (/proc/self/ns/net is missing)",
          "use a kernel with CONFIG_NET_NS");
    }
    long taken = 0;
    for (int i = 0; i < network.namespacesMax(); i++) {
      taken += Files.exists(Namespaces.pathOf(network.namespace(i))) ? 1 : 0;
    }
    return taken < network.namespacesMax()
        ? Finding.fine(
            "network namespaces: %d of %d %sN taken"
                .formatted(taken, network.namespacesMax(), network.prefix()))
        : Finding.fatal(
            Problem.NAMESPACES_EXHAUSTED,
            "all %d namespaces %sN are taken".formatted(taken, network.prefix()),
            "remove some (`ip netns`), or choose larger subnets");
  }

  private static Finding tool(String name, String argument, String debianPackage) {
    try {
      return Finding.fine(
          name + ": " + Commands.run(name, argument).lines().findFirst().orElse(""));
    } catch (IOException e) {
      return Finding.fatal(
          Problem.TOOL_MISSING, e.getMessage(), "apt-get install " + debianPackage);
    }
  }

  private Finding subnets() throws IOException {
    for (String line : Commands.run("ip", "-4", "route", "show", "table", "all").lines().toList()) {
      String[] words = line.strip().split("\\s+");
      int from = words[0].matches("local|broadcast|unreachable|blackhole|prohibit") ? 1 : 0;
      int device = List.of(words).indexOf("dev");
      boolean ours =
          device >= 0
              && device + 1 < words.length
              && Uplink.isOurs(words[device + 1], network.prefix());
      if (ours || words.length <= from || !words[from].matches("[0-9.]+(/[0-9]+)?")) {
        continue; // ours, or the default route, which covers everything and harms nothing
      }
      Cidr route = Cidr.parse(words[from]);
      for (Cidr subnet : List.of(network.hostVeths(), network.namespaceVeths())) {
        if (route.overlaps(subnet)) {
          return Finding.fatal(
              Problem.SUBNET_CLASH,
              "subnet " + subnet + " for the VMs overlaps this host's route `" + line.strip() + "`",
              "choose others with --host-veth-cidr and --namespace-veth-cidr");
        }
      }
    }
    return Finding.fine(
        "subnets " + network.hostVeths() + " and " + network.namespaceVeths() + " free");
  }

  private static List<Finding> rules(String prefix) {
    List<Finding> findings = new ArrayList<>();
    String ruleset;
    try {
      ruleset = Commands.run("nft", "list", "ruleset");
    } catch (IOException e) {
      return List.of(
          Finding.fatal(
              Problem.TOOL_MISSING,
              e.getMessage(),
              "use a kernel with nftables (CONFIG_NF_TABLES)"));
    }
    findings.add(Finding.fine("nftables answers"));
    if (ruleset.lines().anyMatch(l -> l.contains("hook forward") && l.contains("policy drop"))) {
      findings.add(
          Finding.warning(
              Problem.FORWARDING_FILTERED,
              "a firewall of this host drops forwarded packets by default (`nft list ruleset`, hook"
                  + " forward)",
              "let it accept what comes from and goes to the interfaces %s*-veth1"
                  .formatted(prefix)));
    }
    return findings;
  }
}
