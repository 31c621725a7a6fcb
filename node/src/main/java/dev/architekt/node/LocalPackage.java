package dev.architekt.node;

import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.identity.Security;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.UUID;

/**
 * A package that this process offers to itself over loopback, so that a VM starts from it on the
 * same way as from a registry. Nobody else on this host is served: the subject that is to be asked
 * for is a secret of this process.
 */
public final class LocalPackage implements AutoCloseable {
  private final String subject = UUID.randomUUID().toString();
  private final Listener listener;

  private LocalPackage(ReadService offered) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.listener = Listener.open(any, wire(), (hello, peer) -> judge(hello, peer), offered);
  }

  /** Offers {@code offered} until {@link #close}. */
  public static LocalPackage open(ReadService offered) throws IOException {
    return new LocalPackage(offered);
  }

  private Authorizer.Verdict judge(
      dev.architekt.migration.wire.Hello hello, dev.architekt.migration.wire.Peer peer) {
    return hello.subject().equals(subject)
        ? Registry.judge(Security.onThisHost(), hello, peer)
        : new Authorizer.Verdict.Refuse(
            Refusal.NOT_AUTHORIZED, "this package is offered to one process alone");
  }

  /** Where this process finds it. */
  public InetSocketAddress address() throws IOException {
    return listener.address();
  }

  /** What to ask it for. */
  public String subject() {
    return subject;
  }

  /** How to dial it: it never leaves this host. */
  public static WireOptions wire() {
    return WireOptions.of("local");
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
