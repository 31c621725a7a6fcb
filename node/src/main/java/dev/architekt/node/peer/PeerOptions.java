package dev.architekt.node.peer;

import dev.architekt.node.identity.Security;
import dev.architekt.node.state.ProcessLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What {@code architekt peer} was told; see its {@code --help} for each. */
public record PeerOptions(
    Optional<String> raddr,
    Optional<String> laddr,
    Path directory,
    Optional<String> address,
    String strategy,
    Duration gapTarget,
    Optional<Duration> giveUpAfter,
    long bytesPerSecondMost,
    Duration resumeTimeout,
    Security.Options security,
    String name,
    String namespacePrefix,
    String hostVeths,
    String namespaceVeths,
    Optional<String> uplink,
    Path qemu,
    String accelerator,
    StopPolicy onStop,
    ProcessLimits limits) {}
