package dev.architekt.node;

import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.Authorizer;
import dev.architekt.migration.wire.Hello;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkAcceptor;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.Peer;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.WireException;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.identity.Security;
import dev.architekt.region.MemoryRegion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Offers a {@link Shelf} to readers. Whoever connects says which package by the subject of its
 * HELLO, and has that package, as it was then, for the whole session: also when another one has
 * taken its name meanwhile, or it was removed, and the connection was lost and made again.
 */
final class ShelfService implements Authorizer, LinkAcceptor {
  /** The subject that asks for the list of packages: one region of JSON. */
  static final String LIST = "*";

  /** How long a session without a connection keeps its package open. */
  static final Duration LINGER = Duration.ofSeconds(60);

  private static final int SESSIONS_MAX = 2 * WireOptions.LINKS_MAX;

  private final Shelf shelf;
  private final Security security;
  private final Output output;
  private final long lingerNanos;

  private volatile String lastRefusal = "";

  // Guarded by this.
  private final Map<UUID, Session> sessions = new HashMap<>();

  ShelfService(Shelf shelf, Security security, Output output, Duration linger) {
    this.shelf = shelf;
    this.security = security;
    this.output = output;
    this.lingerNanos = linger.toNanos();
  }

  /** What a session reads. */
  private static final class Session {
    final String subject;
    final Offered offered;
    int links;
    long since = System.nanoTime();

    Session(String subject, Offered offered) {
      this.subject = subject;
      this.offered = offered;
    }
  }

  @Override
  public Verdict judge(Hello hello, Peer peer) {
    if (Registry.judge(security, hello, peer) instanceof Verdict.Refuse no) {
      return no;
    }
    if (hello.subject().equals(LIST)) {
      return new Verdict.Allow();
    }
    try {
      return admit(hello);
    } catch (Shelf.Missing e) {
      return new Verdict.Refuse(e.refusal(), e.getMessage());
    } catch (IOException e) {
      return new Verdict.Refuse(Refusal.UNKNOWN_SUBJECT, "cannot look: " + e.getMessage());
    }
  }

  private synchronized Verdict admit(Hello hello) throws IOException {
    sweep();
    Session known = sessions.get(hello.session());
    if (known != null && known.subject.equals(hello.subject())) {
      known.since = System.nanoTime();
      return new Verdict.Allow();
    }
    if (known != null || sessions.size() >= SESSIONS_MAX) {
      return new Verdict.Refuse(
          Refusal.BUSY,
          known == null
              ? SESSIONS_MAX + " sessions are all there may be"
              : "this session reads " + known.subject);
    }
    Path file = shelf.find(hello.subject());
    sessions.put(hello.session(), new Session(hello.subject(), offered(file)));
    return new Verdict.Allow();
  }

  /** That of another session, if the file has not changed since. */
  private Offered offered(Path file) throws IOException {
    FileStamp stamp;
    try {
      stamp = FileStamp.of(file);
    } catch (IOException e) {
      throw new Shelf.Missing(Refusal.UNKNOWN_SUBJECT, "it was removed just now", e);
    }
    for (Session session : sessions.values()) {
      if (session.offered.is(file, stamp) && session.offered.enter()) {
        return session.offered;
      }
    }
    return Shelf.open(file, stamp);
  }

  @Override
  public LinkHandler up(Link link) {
    if (link.hello().subject().equals(LIST)) {
      return list(link);
    }
    Session session;
    synchronized (this) {
      session = sessions.get(link.hello().session());
      if (session == null) { // its lanes took longer than the session was kept
        link.close();
        return new Nothing();
      }
      session.links++;
    }
    output.event(
        "reading",
        link.peer() + " reads " + session.offered.path().getFileName(),
        "peer",
        link.peer().identity(),
        "path",
        session.offered.path().toString());
    return new Ending(session.offered.service().up(link), () -> down(session));
  }

  private LinkHandler list(Link link) {
    try {
      byte[] json = shelf.list();
      MemoryRegion region = region(json);
      return new Ending(
          new ReadService(listDescription(json), List.of(region)).up(link), region::close);
    } catch (IOException e) {
      output.event("turned-away", "no list of packages: " + e.getMessage());
      link.close();
      return new Nothing();
    }
  }

  private static Message.Description listDescription(byte[] json) {
    Map<String, String> facts =
        Map.of(
            Facts.KIND,
            Facts.PACKAGES,
            Facts.BYTES + Facts.PACKAGES,
            Integer.toString(json.length));
    long pages = (json.length + Bounds.PAGE_BYTES - 1) / Bounds.PAGE_BYTES;
    return new Message.Description(
        UUID.nameUUIDFromBytes(json),
        0,
        facts,
        List.of(new RegionInfo(Facts.PACKAGES, RegionInfo.Kind.DISK, pages)),
        "");
  }

  private static MemoryRegion region(byte[] json) {
    MemoryRegion region = new MemoryRegion(json.length);
    region.write(0, MemorySegment.ofArray(json));
    return region;
  }

  private void down(Session session) {
    synchronized (this) {
      session.links--;
      session.since = System.nanoTime();
    }
  }

  /** A link, and what is to be done once nothing is read over it any more. */
  private record Ending(LinkHandler reading, Runnable end) implements LinkHandler {
    @Override
    public void received(Link link, int lane, Message message) throws IOException {
      reading.received(link, lane, message);
    }

    @Override
    public void lost(Link link, WireException cause) {
      reading.lost(link, cause);
      end.run();
    }
  }

  private static final class Nothing implements LinkHandler {
    @Override
    public void received(Link link, int lane, Message message) {}

    @Override
    public void lost(Link link, WireException cause) {}
  }

  @Override
  public void failed(WireException cause, Duration next) {
    // Whoever is to ask again does so several times a second.
    if (!cause.getMessage().equals(lastRefusal)) {
      lastRefusal = cause.getMessage();
      output.event("turned-away", "turned away: " + lastRefusal, "message", lastRefusal);
    }
  }

  /** Lets go of what nobody has read for a while; called every few seconds. */
  synchronized void sweep() {
    long now = System.nanoTime();
    sessions
        .values()
        .removeIf(session -> {
          boolean over = session.links == 0 && now - session.since >= lingerNanos;
          if (over) {
            session.offered.leave();
          }
          return over;
        });
  }

  /** Packages that are open now, for tests. */
  synchronized int sessions() {
    return sessions.size();
  }
}
