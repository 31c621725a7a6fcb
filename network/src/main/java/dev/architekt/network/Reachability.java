package dev.architekt.network;

import java.io.IOException;

/**
 * How clients reach one instance at its stable address, seen from one node.
 *
 * <p>A move, with no packet lost, in this order:
 *
 * <pre>
 *   destination  prepare(address)   routes and NAT; nobody is told           any time before
 *   source       hold()             stops claiming the address; still delivers what comes
 *   destination  announce()         claims it; packets wait for the VM in its tap
 *   source       divert()           passes on what still comes here, to the destination
 *                stop the VM, {@link TapPort#drain}, → {@link TapPort#inject} at the destination
 *   source       release()          after the grant: forgets the address
 * </pre>
 *
 * <p>When the move fails after {@code hold()}: destination {@code release()}, source {@code
 * rollback()}.
 *
 * <p>Every operation is idempotent. {@code hold}, {@code announce}, {@code divert} and {@code
 * rollback} are on the way of a switch and take well under 3 ms after {@link #prepare}; the others
 * may start programs. Each states what holds when it fails. Thread-safe. What was announced stays
 * so when this process dies, and {@code close} changes nothing in the kernel.
 */
public interface Reachability extends AutoCloseable {
  /**
   * Asks the network whether {@code address} is in use, before a <em>new</em> instance takes it;
   * takes about half a second.
   *
   * @throws NetworkException ADDRESS_TAKEN, with the owner's hardware address
   */
  void requireUnused(InstanceAddress address) throws IOException;

  /**
   * Sets up everything for {@code address} that clients do not see. Also the first call after a
   * restart with a running VM, where it disturbs nothing. On failure the address is not announced.
   */
  void prepare(InstanceAddress address) throws IOException;

  /** Claims the prepared address: clients' packets come here from now on. On failure: unknown. */
  void announce() throws IOException;

  /** Stops claiming the address, still delivering what comes. On failure still claimed, perhaps. */
  void hold() throws IOException;

  /** Implies {@link #hold()}; what still comes here is passed on to the new owner. */
  void divert() throws IOException;

  /** Gives the address up on this node: not claimed, not delivered, not translated. */
  void release() throws IOException;

  /** Claims the address again after {@link #hold()} or {@link #divert()}. */
  void rollback() throws IOException;

  /** What the kernel holds now, whoever set it up. */
  ReachabilityStatus status() throws IOException;

  @Override
  void close();
}
