package dev.architekt.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Connector;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkAcceptor;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.Listener;
import dev.architekt.migration.wire.PlainText;
import dev.architekt.migration.wire.RefusedException;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.TlsException;
import dev.architekt.migration.wire.WireException;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Output;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in, who does not, and what each side says. */
@Timeout(60)
class SecurityTest {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  @TempDir Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Output output = new Output(new PrintStream(said, true), false, false);
  private Node listener;
  private Node dialer;

  /** A host with an identity of its own. */
  private record Node(Identity identity, Path home) {
    void trusts(Node other, TrustRight... rights) throws Exception {
      Set<TrustRight> given = rights.length == 0 ? TrustRight.ALL : Set.of(rights);
      identity
          .trusted()
          .add(TrustEntry.node(other.identity.name(), given, other.identity.fingerprint()));
    }
  }

  private Node node(String name) throws Exception {
    Path home = folder.resolve(name);
    return new Node(Identity.create(home, name, false, 100, CLOCK), home);
  }

  @BeforeEach
  void twoHosts() throws Exception {
    listener = node("there");
    dialer = node("here");
  }

  private Security security(Node node, boolean open, InstantSource clock) throws Exception {
    return Security.open(
        new Security.Options(Optional.of(node.home()), Optional.empty(), false),
        true,
        open,
        clock,
        output);
  }

  /** As between two hosts, although this is one. */
  private static WireOptions off(Security security, String name) {
    WireOptions wire = security.wire(name);
    return wire.withSecurity(wire.tls(), PlainText.NEVER);
  }

  private record Outcome(Throwable dialer, String listener) {}

  private Outcome dial(Right right) throws Exception {
    return dial(right, security(dialer, false, CLOCK), security(listener, false, CLOCK));
  }

  private static Outcome dial(Right right, Security from, Security to) throws Exception {
    return dial(right, off(from, "here"), off(to, "there"), to);
  }

  private static Outcome dial(Right right, WireOptions from, WireOptions there, Security to)
      throws Exception {
    LinkedBlockingQueue<String> failures = new LinkedBlockingQueue<>();
    try (Listener listening =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                there,
                to::judge,
                new Silent(failures));
        Connector connector =
            new Connector(listening.address(), from, UUID.randomUUID(), right, 1, "")) {
      Throwable failure =
          catchThrowable(() -> connector.connect(new Silent(new LinkedBlockingQueue<>())));
      return new Outcome(failure, failure == null ? null : failures.poll(20, TimeUnit.SECONDS));
    }
  }

  private record Silent(LinkedBlockingQueue<String> failures) implements LinkAcceptor, LinkHandler {
    @Override
    public LinkHandler up(Link link) {
      return this;
    }

    @Override
    public void received(Link link, int lane, Message message) {}

    @Override
    public void lost(Link link, WireException cause) {}

    @Override
    public void failed(WireException cause, Duration next) {
      failures.add(cause.getMessage());
    }
  }

  @Test
  void aStrangerIsRefusedAtEachRightAndBothSidesSayWhoAndWhatToDo() throws Exception {
    dialer.trusts(listener);
    for (Right right : Right.values()) {
      Outcome outcome = dial(right);
      assertThat(outcome.dialer())
          .as("%s", right)
          .isInstanceOf(TlsException.class)
          .hasMessageContaining("it does not trust this node")
          .hasMessageContaining("trust add here " + dialer.identity().fingerprint());
      assertThat(outcome.listener())
          .contains("127.0.0.1:", "shows a key that is not trusted here")
          .contains("trust add here " + dialer.identity().fingerprint())
          .contains("--identity-dir " + listener.home());
    }
  }

  @Test
  void aListenerThatIsNotTrustedIsNotDialled() throws Exception {
    listener.trusts(dialer);
    Outcome outcome = dial(Right.TAKE);
    assertThat(outcome.dialer())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("shows a key that is not trusted here")
        .hasMessageContaining("trust add there " + listener.identity().fingerprint());
    assertThat(outcome.listener())
        .contains("did not accept this side's certificate")
        .contains("trust add there " + listener.identity().fingerprint());
  }

  @Test
  void whoeverIsTrustedMayDoWhatItsRightsSayAndNoMore() throws Exception {
    dialer.trusts(listener);
    for (Right given : Right.values()) {
      listener.trusts(dialer, TrustRight.of(given));
      for (Right asked : Right.values()) {
        Outcome outcome = dial(asked);
        if (asked == given) {
          assertThat(outcome.dialer()).as("%s", given).isNull();
          continue;
        }
        String wanted = TrustRight.of(asked).word();
        for (String text : new String[] {outcome.dialer().getMessage(), outcome.listener()}) {
          assertThat(text)
              .contains("here (" + dialer.identity().fingerprint() + ") has no right to " + wanted)
              .contains("only to " + TrustRight.of(given).word())
              .contains("trust add here " + dialer.identity().fingerprint() + " --rights ");
        }
        assertThat(outcome.dialer()).isInstanceOf(RefusedException.class);
      }
    }
  }

  @Test
  void whoIsTrustedOrNoLongerCountsFromTheNextConnectionOn() throws Exception {
    dialer.trusts(listener);
    Security there = security(listener, false, CLOCK);
    Security from = security(dialer, false, CLOCK);
    assertThat(dial(Right.TAKE, from, there).dialer()).isNotNull();
    listener.trusts(dialer);
    assertThat(dial(Right.TAKE, from, there).dialer()).isNull();
    listener.identity().trusted().remove("here");
    assertThat(dial(Right.TAKE, from, there).dialer()).isInstanceOf(TlsException.class);
  }

  @Test
  void whoeverMayOnlyReadCannotPoseAsASource() throws Exception {
    listener.trusts(dialer);
    dialer.trusts(listener, TrustRight.READ);
    assertThat(dial(Right.TAKE).dialer())
        .hasMessageContaining("whose rights here are read")
        .hasMessageContaining("--rights read,serve");
  }

  @Test
  void anExpiredCertificateIsNamedOnBothSidesAndRenewingMendsIt() throws Exception {
    dialer.trusts(listener);
    listener.trusts(dialer);
    InstantSource later = InstantSource.offset(CLOCK, Duration.ofDays(101));
    listener.identity().renew(1000, CLOCK);
    Security there = security(listener, false, later);
    Outcome outcome = dial(Right.TAKE, security(dialer, false, later), there);
    assertThat(outcome.listener())
        .contains("has expired at 2027-02-09T12:00:00Z", dialer.identity().fingerprint());
    assertThat(outcome.dialer())
        .hasMessageContaining("for it the certificate has expired")
        .hasMessageContaining("identity renew --identity-dir " + dialer.home());
    dialer.identity().renew(100, later);
    assertThat(dial(Right.TAKE, security(dialer, false, later), there).dialer()).isNull();
  }

  @Test
  void aClockThatIsOffIsNamedOnBothSides() throws Exception {
    dialer.trusts(listener);
    listener.trusts(dialer);
    InstantSource behind = InstantSource.offset(CLOCK, Duration.ofDays(-3));
    Outcome outcome =
        dial(Right.TAKE, security(dialer, false, CLOCK), security(listener, false, behind));
    assertThat(outcome.listener())
        .contains(
            "the clock of this host says 2026-10-29T12:00:00Z", "one of the two clocks is off");
    assertThat(outcome.dialer()).hasMessageContaining("compare the clocks of both hosts");
    Outcome other =
        dial(Right.TAKE, security(dialer, false, behind), security(listener, false, CLOCK));
    assertThat(other.dialer()).hasMessageContaining("one of the two clocks is off");
  }

  @Test
  void anotherKeyUnderATrustedNameIsAStranger() throws Exception {
    dialer.trusts(listener);
    listener.trusts(dialer);
    Node impostor =
        new Node(
            Identity.create(folder.resolve("impostor"), "here", false, 100, CLOCK),
            folder.resolve("impostor"));
    impostor.trusts(listener);
    Outcome outcome =
        dial(Right.TAKE, security(impostor, false, CLOCK), security(listener, false, CLOCK));
    assertThat(outcome.listener()).contains("not trusted here", impostor.identity().fingerprint());
  }

  @Test
  void aFleetTrustsWhomItsAuthorityHasSigned() throws Exception {
    Identity ca = Identity.create(folder.resolve("ca"), "fleet", true, 100, CLOCK);
    for (Node node : new Node[] {listener, dialer}) {
      byte[] signed = ca.sign(node.identity().certificate(), 50, CLOCK);
      node.identity().install(dev.architekt.migration.wire.Pem.certificates(signed, "signed"));
      node.identity()
          .trusted()
          .add(TrustEntry.authority("fleet", TrustRight.ALL, ca.certificate()));
    }
    assertThat(dial(Right.TAKE).dialer()).isNull();
    Node stranger = node("stranger");
    stranger
        .identity()
        .trusted()
        .add(TrustEntry.authority("fleet", TrustRight.ALL, ca.certificate()));
    Outcome outcome =
        dial(Right.TAKE, security(stranger, false, CLOCK), security(listener, false, CLOCK));
    assertThat(outcome.listener()).contains("not trusted here");
  }

  @Test
  void aPublicRegistryLetsStrangersReadAndNoMore() throws Exception {
    dialer.trusts(listener);
    Security open = security(listener, true, CLOCK);
    Security from = security(dialer, false, CLOCK);
    assertThat(dial(Right.DESCRIBE, from, open).dialer()).isNull();
    assertThat(dial(Right.READ, from, open).dialer()).isNull();
    assertThat(dial(Right.TAKE, from, open).dialer())
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("has no right to take here");
    assertThat(dial(Right.CANCEL, from, open).dialer()).isInstanceOf(RefusedException.class);
    assertThat(open.text()).contains("everybody may read");
  }

  @Test
  void onOneHostTheUserCounts() throws Exception {
    Security here = Security.onThisHost();
    WireOptions wire = here.wire("here");
    // This process's own user; another one's is refused by the same look at the kernel's table.
    assertThat(dial(Right.TAKE, wire, wire, here).dialer()).isNull();
  }

  @Test
  void plainTextOffThisHostIsSaidLoudly() throws Exception {
    Security plain =
        Security.open(
            new Security.Options(Optional.empty(), Optional.empty(), true),
            true,
            false,
            CLOCK,
            output);
    assertThat(said.toString()).contains("INSECURE");
    assertThat(plain.text()).isEqualTo("INSECURE");
    WireOptions wire = plain.wire("x");
    assertThat(dial(Right.TAKE, wire, wire, plain).dialer()).isNull();
    Outcome mixed = dial(Right.TAKE, wire, off(security(listener, false, CLOCK), "there"), plain);
    assertThat(mixed.listener()).contains("--insecure");
    assertThat(mixed.dialer()).hasMessageContaining("--insecure");
  }

  @Test
  void theFirstNeedMakesAnIdentityAndSaysSo() throws Exception {
    Path fresh = folder.resolve("fresh/identity");
    Security made =
        Security.open(
            new Security.Options(Optional.of(fresh), Optional.empty(), false),
            true,
            false,
            CLOCK,
            output);
    assertThat(said.toString())
        .contains("made an identity for this node: " + made.fingerprint().orElseThrow())
        .contains("trust add");
    Security again =
        Security.open(
            new Security.Options(Optional.of(fresh), Optional.empty(), false),
            true,
            false,
            CLOCK,
            output);
    assertThat(again.fingerprint()).isEqualTo(made.fingerprint());
    assertThat(said.toString()).containsOnlyOnce("made an identity");
  }
}
