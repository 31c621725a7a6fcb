package dev.architekt.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** The talk's network flags, with its defaults. */
final class NetworkOptions {
  @Option(
      names = "--namespace-prefix",
      paramLabel = "NAME",
      defaultValue = "ark",
      description =
          "Network namespaces of VMs are called NAME0, NAME1, … (default: ${DEFAULT-VALUE}).")
  String namespacePrefix;

  @Option(
      names = "--host-veth-cidr",
      paramLabel = "CIDR",
      defaultValue = "10.0.8.0/22",
      description = "Addresses between this host and the namespaces (default: ${DEFAULT-VALUE}).")
  String hostVethCidr;

  @Option(
      names = "--namespace-veth-cidr",
      paramLabel = "CIDR",
      defaultValue = "10.0.15.0/24",
      description = "Addresses under which this host reaches its VMs (default: ${DEFAULT-VALUE}).")
  String namespaceVethCidr;

  @Option(
      names = "--uplink",
      paramLabel = "DEVICE",
      description =
          "The network device on which an instance's stable address is announced (default: the one whose"
              + " subnet holds the address).")
  Optional<String> uplink = Optional.empty();

  void check(Checks check) {
    check.matches(
        "--namespace-prefix",
        namespacePrefix,
        "[a-z][a-z0-9]{0,5}",
        "a small letter and up to five small letters or digits");
    check.network("--host-veth-cidr", hostVethCidr);
    check.network("--namespace-veth-cidr", namespaceVethCidr);
  }
}
