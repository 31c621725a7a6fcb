package dev.architekt.network;

import dev.architekt.linux.Fd;
import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One VM's network namespace, held by this process.
 *
 * <p>The namespace outlives the process: start the hypervisor in it ({@link #namespace()}) with a
 * duplicate of the tap, {@link #recordVm write the VM down}, and a successor of this process finds
 * the claim as an orphan. {@link #close()} removes everything; {@link #detach()} leaves it for a
 * successor. Thread-safe.
 */
public final class NamespaceClaim implements AutoCloseable {
  private final NamespaceClaims claims;
  private final VmNetwork network;
  private final Fd node;
  private final Fd namespace;
  private final TapPort tap;
  private final AnnounceReachability reachability = new AnnounceReachability(this);
  private ClaimRecord record;
  private boolean open = true;

  NamespaceClaim(
      NamespaceClaims claims,
      VmNetwork network,
      ClaimRecord record,
      Fd node,
      Fd namespace,
      TapPort tap) {
    this.claims = claims;
    this.network = network;
    this.record = record;
    this.node = node;
    this.namespace = namespace;
    this.tap = tap;
  }

  /** The namespace's name, such as {@code ark0}. */
  public String name() {
    return record().namespace();
  }

  public synchronized ClaimRecord record() {
    return record;
  }

  /** The address under which this node, and no other, reaches the VM. */
  public Inet4Address localAddress() {
    return network.namespaceAddress(record().index());
  }

  public VmNetwork network() {
    return network;
  }

  /** The VM's namespace, to enter it with {@code Namespaces.inNetwork}; owned by the claim. */
  public Fd namespace() {
    return namespace;
  }

  /** The node's namespace; owned by the claim. */
  Fd node() {
    return node;
  }

  /** The VM's end of the network. */
  public TapPort tap() {
    return tap;
  }

  /**
   * How clients reach this VM when both nodes of a move share a segment; always the same object,
   * which ends with the claim.
   */
  public AnnounceReachability reachability() {
    return reachability;
  }

  /** Writes down durably that {@code vm} lives in this namespace. */
  public void recordVm(ProcessIdentity vm) throws IOException {
    change(current -> current.withVm(Optional.of(vm)));
  }

  /** Writes down that the VM is gone. */
  public void forgetVm() throws IOException {
    change(current -> current.withVm(Optional.empty()));
  }

  /** Writes a change down durably; the record as it is then. */
  synchronized ClaimRecord change(UnaryOperator<ClaimRecord> edit) throws IOException {
    ClaimRecord changed = edit.apply(record);
    claims.update(changed);
    record = changed;
    return changed;
  }

  /** Gives up the descriptors and leaves everything else to a successor. */
  public void detach() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
    }
    // Not under this lock: it takes its own first and asks for the record under that.
    reachability.close();
    tap.close();
    namespace.close();
    node.close();
  }

  /** Removes the namespace and all that belongs to it; the VM must be gone. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (!open) {
        return;
      }
    }
    detach();
    claims.remove(record());
  }
}
