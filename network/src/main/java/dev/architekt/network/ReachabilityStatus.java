package dev.architekt.network;

import java.util.Optional;

/**
 * What the node does for an instance's address.
 *
 * @param address the prepared address, if any
 * @param uplink the interface on which it is answered for, if known
 * @param translated whether packets for it are rewritten to the guest
 * @param delivered whether packets that come here are led to the guest
 * @param answering whether this node claims the address
 */
public record ReachabilityStatus(
    Optional<InstanceAddress> address,
    Optional<String> uplink,
    boolean translated,
    boolean delivered,
    boolean answering) {}
