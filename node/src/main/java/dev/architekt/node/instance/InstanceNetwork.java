package dev.architekt.node.instance;

import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.MachineRecord;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Pidfd;
import dev.architekt.network.ClaimRecord;
import dev.architekt.network.InstanceAddress;
import dev.architekt.network.NamespaceClaim;
import dev.architekt.network.NamespaceClaims;
import dev.architekt.network.Reachability;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.util.Optional;

/**
 * One VM's place in this host's network: its namespace, and its stable address if it has one. Both
 * take a tenth of a second or more of other programs' time, so they are begun beside the rest.
 */
final class InstanceNetwork {
  private final Host host;
  private final InstanceSpec spec;
  private volatile NamespaceClaim claim;
  private Beside claiming;
  private Beside addressing;

  private InstanceNetwork(Host host, InstanceSpec spec) {
    this.host = host;
    this.spec = spec;
  }

  /** Begins to claim a namespace. */
  static InstanceNetwork begin(Host host, InstanceSpec spec) {
    InstanceNetwork network = new InstanceNetwork(host, spec);
    network.claiming = Beside.begin("claim-namespace", network::claimNamespace);
    return network;
  }

  private void claimNamespace() throws IOException {
    claim = NamespaceClaims.machineWide().claim(host.network(spec.guestMac()), host.uplink());
  }

  /** Takes over the namespace in which a predecessor of this process left the VM. */
  static InstanceNetwork adopt(Host host, InstanceSpec spec, Pidfd process, MachineRecord record)
      throws IOException {
    InstanceNetwork network = new InstanceNetwork(host, spec);
    NamespaceClaims claims = NamespaceClaims.machineWide();
    ClaimRecord orphan =
        claims.list().stream()
            .filter(c -> c.vm().isPresent() && c.vm().get().pid() == record.process().pid())
            .findFirst()
            .orElseThrow(() ->
                new IOException(
                    "no network namespace is recorded for the VM with pid "
                        + record.process().pid()
                        + "; it goes on without being reachable: stop it with kill -9"));
    Fd tap = process.descriptor(record.descriptors().get(Descriptors.TAP));
    network.claim = claims.adopt(host.network(spec.guestMac()), orphan, tap);
    network.prepareAddress();
    return network;
  }

  /** Waits for the namespace. */
  void awaitClaim() throws IOException {
    if (claiming != null) {
      claiming.await();
    }
  }

  /** The namespace; null before it is there. */
  NamespaceClaim claim() {
    return claim;
  }

  /**
   * Begins to set the stable address up, without telling anybody.
   *
   * @param requireUnused fail if somebody else answers for it; for a new instance
   */
  void beginAddress(boolean requireUnused) {
    addressing =
        Beside.begin(
            "prepare-address",
            () -> {
              if (requireUnused && spec.stableAddress().isPresent()) {
                claim.reachability().requireUnused(address());
              }
              prepareAddress();
            });
  }

  /** Waits for what {@link #beginAddress} began. */
  void awaitAddress() throws IOException {
    if (addressing != null) {
      addressing.await();
    }
  }

  void prepareAddress() throws IOException {
    if (spec.stableAddress().isPresent()) {
      claim.reachability().prepare(address());
    }
  }

  private InstanceAddress address() {
    return InstanceAddress.parse(spec.address());
  }

  /** How clients reach the instance; empty without a stable address. */
  Optional<Reachability> reachability() {
    NamespaceClaim here = claim;
    return here == null
        ? Optional.empty()
        : spec.stableAddress().map(address -> here.reachability());
  }

  /** Leaves everything to a successor. */
  void detach() {
    ended(claiming);
    ended(addressing);
    if (claim != null) {
      claim.detach();
    }
  }

  /** Removes everything; the VM must be gone. */
  void close() throws IOException {
    ended(claiming);
    ended(addressing);
    if (claim != null) {
      claim.close();
    }
  }

  /**
   * Nothing may be made behind the back of what removes it. How it ended, its beginner was told.
   */
  private static void ended(Beside work) {
    if (work == null) {
      return;
    }
    try {
      work.await();
    } catch (IOException | RuntimeException e) {
      System.getLogger(InstanceNetwork.class.getName()).log(System.Logger.Level.DEBUG, "ended", e);
    }
  }
}
