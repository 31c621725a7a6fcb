package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What a listener does with each connection: hears its HELLO, judges it, joins lanes to links. */
final class Reception implements AutoCloseable {
  private final WireOptions options;
  private final Authorizer authorizer;
  private final LinkAcceptor acceptor;
  private final SessionTokens tokens = new SessionTokens();
  private final SecureRandom random = new SecureRandom();

  // Guarded by this.
  private final Map<UUID, Assembly> assemblies = new HashMap<>();
  private final Map<UUID, Link> links = new HashMap<>();
  private boolean closed;

  Reception(WireOptions options, Authorizer authorizer, LinkAcceptor acceptor) {
    this.options = options;
    this.authorizer = authorizer;
    this.acceptor = acceptor;
  }

  /** One connection, up to its being part of a link. The caller limits the time. */
  void receive(Transport transport) throws IOException {
    transport.handshake();
    try {
      Hello hello = Handshake.readHello(transport);
      Sockets.prepare(transport.channel(), hello.lane());
      Link link = hello.lane() == Lane.CONTROL ? first(hello, transport) : join(hello, transport);
      if (link != null) {
        link.start(acceptor);
      }
    } catch (RefusedException e) {
      Handshake.sendRefusal(transport, e.refusal(), e.text());
      throw e;
    } catch (ProtocolException e) {
      Handshake.sendRefusal(transport, Refusal.MALFORMED, e.getMessage());
      throw e;
    }
  }

  private Link first(Hello hello, Transport transport) throws IOException {
    Peer peer = new Peer(transport.remote(), hello.identity(), transport.proof());
    if (authorizer.judge(hello, peer) instanceof Authorizer.Verdict.Refuse no) {
      throw refuse(hello, no.refusal(), no.text());
    }
    UUID token = tokens.of(hello.session());
    UUID number = new UUID(random.nextLong(), random.nextLong());
    Assembly assembly = new Assembly(hello, peer, transport);
    replace(hello, token);
    synchronized (this) {
      if (closed) {
        throw refuse(hello, Refusal.CLOSING, "shutting down");
      }
      if (links.containsKey(hello.session())) {
        throw refuse(hello, Refusal.BUSY, "another link of this session came up meanwhile");
      }
      if (assemblies.size() + links.size() >= WireOptions.LINKS_MAX) {
        throw refuse(hello, Refusal.BUSY, WireOptions.LINKS_MAX + " links are all there may be");
      }
      assemblies.put(number, assembly);
    }
    // A dialer that goes away between two of its lanes must not leave the first ones here.
    Deadline.after(options.handshakeTimeout(), () -> abandon(number));
    welcome(transport, hello, token, number);
    return complete(number, assembly);
  }

  private Link join(Hello hello, Transport transport) throws IOException {
    Assembly assembly;
    UUID token = tokens.of(hello.session());
    synchronized (this) {
      assembly = assemblies.get(hello.link());
      if (assembly == null || !assembly.fits(hello) || !token.equals(hello.token())) {
        throw refuse(hello, Refusal.UNKNOWN_LINK, "no link waits for this lane");
      }
      assembly.reserve(hello.lane());
    }
    welcome(transport, hello, token, hello.link());
    synchronized (this) {
      assembly.add(hello.lane(), transport);
    }
    return complete(hello.link(), assembly);
  }

  /** A session has one link: the new one takes over, after the old one has ended on this side. */
  private void replace(Hello hello, UUID token) throws IOException {
    Link old;
    synchronized (this) {
      old = links.get(hello.session());
    }
    if (old == null) {
      return;
    }
    if (!token.equals(hello.token())) {
      throw refuse(hello, Refusal.BAD_TOKEN, "this session is connected, and not by you");
    }
    old.lose(new LaneLostException(Lane.CONTROL, "replaced by a new link of the session", null));
    try {
      if (!old.awaitEnd(options.handshakeTimeout().dividedBy(2))) {
        throw refuse(hello, Refusal.BUSY, "the last link of this session is still ending");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts this thread", e);
    }
    forget(hello.session(), old);
  }

  private void welcome(Transport transport, Hello hello, UUID token, UUID link) throws IOException {
    Handshake.sendWelcome(
        transport,
        new Handshake.Welcome(
            Wire.VERSION_NEWEST,
            options.features() & hello.features(),
            token,
            link,
            options.identity()));
  }

  /** The link, if this was its last lane. */
  private synchronized Link complete(UUID number, Assembly assembly) throws RefusedException {
    if (!assembly.isWhole() || assemblies.remove(number) == null) {
      return null;
    }
    Link link = assembly.link(options);
    if (closed || links.putIfAbsent(link.hello().session(), link) != null) {
      assembly.close();
      return null;
    }
    Thread.ofVirtual()
        .name("wire-forget")
        .start(() -> {
          try {
            link.awaitEnd();
          } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
          }
          forget(link.hello().session(), link);
        });
    return link;
  }

  private synchronized void forget(UUID session, Link link) {
    links.remove(session, link);
  }

  private void abandon(UUID number) {
    Optional<Assembly> left;
    synchronized (this) {
      left = Optional.ofNullable(assemblies.remove(number));
    }
    left.ifPresent(Assembly::close);
  }

  private static RefusedException refuse(Hello hello, Refusal refusal, String text) {
    return new RefusedException("this side, asked by " + hello.identity() + ",", refusal, text);
  }

  @Override
  public void close() {
    Map<UUID, Assembly> waiting;
    Map<UUID, Link> open;
    synchronized (this) {
      closed = true;
      waiting = new HashMap<>(assemblies);
      assemblies.clear();
      open = new HashMap<>(links);
    }
    waiting.values().forEach(Assembly::close);
    open.values().forEach(Link::close);
  }
}
