package dev.architekt.migration.wire;

import static dev.architekt.migration.wire.Collector.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.migration.message.Lane;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Authorizer.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
  @TempDir static Path directory;

  private static Path near;
  private static Path far;
  private static Path foreign;
  private static Path expired;

  @BeforeAll
  static void certificates() throws Exception {
    assumeTrue(TestCa.available(), "needs the openssl command");
    TestCa ca = new TestCa(directory.resolve("ca"), "ours");
    near = ca.identity(directory.resolve("near"), "near", 30);
    far = ca.identity(directory.resolve("far"), "far", 30);
    expired = ca.identity(directory.resolve("expired"), "late", -1);
    foreign =
        new TestCa(directory.resolve("other"), "theirs")
            .identity(directory.resolve("foreign"), "stranger", 30);
  }

  private static WireOptions options(String identity, Path tls) throws Exception {
    WireOptions plain = WireOptions.of(identity);
    return tls == null ? plain : plain.withTls(Tls.fromDirectory(tls));
  }

  private record Outcome(Throwable dialer, WireException listener, String certificate) {}

  /** Dials with one identity a listener with another. */
  private static Outcome dial(Path dialer, Path listening) throws Exception {
    Collector there = new Collector();
    AtomicReference<Optional<String>> certificate = new AtomicReference<>(Optional.empty());
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                options("far", listening),
                (hello, peer) -> {
                  certificate.set(peer.certificate());
                  return new Verdict.Allow();
                },
                there);
        Connector connector =
            new Connector(
                listener.address(),
                options("near", dialer),
                UUID.randomUUID(),
                Right.TAKE,
                WireOptions.lanes(1),
                "")) {
      Throwable failure = catchThrowable(() -> connector.connect(new Collector()));
      return new Outcome(
          failure, failure == null ? null : take(there.failures), certificate.get().orElse(null));
    }
  }

  @Test
  void bothSidesKnowWhoTheOtherIs() throws Exception {
    Outcome outcome = dial(near, far);
    assertThat(outcome.dialer()).isNull();
    assertThat(outcome.certificate()).isEqualTo("CN=near");
  }

  @Test
  void everyMessageTravelsUnderTls() throws Exception {
    Collector there = new Collector();
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                options("far", far),
                (hello, peer) -> new Verdict.Allow(),
                there);
        Connector connector =
            new Connector(
                listener.address(),
                options("near", near),
                UUID.randomUUID(),
                Right.TAKE,
                WireOptions.lanes(1),
                "")) {
      Link link = connector.connect(new Collector());
      assertThat(link.peer().certificate()).contains("CN=far");
      for (int i = 0; i < 100; i++) {
        Message.Pages pages =
            new Message.Pages(0, 64L * i, 64, 0, false, RunCodecTest.noise(64, i));
        link.send(Lane.FIRST_BULK, pages);
        assertThat(Samples.same(pages, take(there.arrivals).message())).isTrue();
      }
      Message.State state = new Message.State(1, 0, List.of(), 0, Samples.bytes(3_000_000));
      link.send(state);
      assertThat(Samples.same(state, take(there.arrivals).message())).isTrue();
      link.send(Lane.URGENT, new Message.Demand(0, 1, 1));
      link.close();
      assertThat(take(there.arrivals).message()).isEqualTo(new Message.Demand(0, 1, 1));
      assertThat(take(there.losses).toString()).contains("on purpose");
    }
  }

  @Test
  void aCertificateOfAnotherCaIsRefusedAndBothSidesSaySo() throws Exception {
    Outcome outcome = dial(foreign, far);
    // Each side may be the first to see that it does not know the other's CA.
    assertThat(outcome.dialer())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("certificate")
        .hasMessageContaining("ca.pem");
    assertThat(outcome.listener()).isInstanceOf(TlsException.class);
    assertThat(outcome.listener().getMessage()).contains("certificate");
  }

  @Test
  void aDialerThatIsNotTrustedIsRefused() throws Exception {
    // Knows the listener's CA, but shows a certificate of another one.
    Path mixed = Files.createDirectories(directory.resolve("mixed"));
    Files.copy(foreign.resolve("cert.pem"), mixed.resolve("cert.pem"));
    Files.copy(foreign.resolve("key.pem"), mixed.resolve("key.pem"));
    Files.copy(far.resolve("ca.pem"), mixed.resolve("ca.pem"));
    Outcome outcome = dial(mixed, far);
    assertThat(outcome.dialer())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("did not accept our certificate");
    assertThat(outcome.listener())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("signed by a CA in ca.pem");
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    Outcome outcome = dial(expired, far);
    assertThat(outcome.dialer())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("did not accept our certificate");
    assertThat(outcome.listener()).hasMessageContaining("has expired");
    assertThat(dial(near, expired).dialer()).hasMessageContaining("has expired");
  }

  @Test
  void plainAndTlsDoNotMix() throws Exception {
    Outcome plainDialer = dial(null, far);
    assertThat(plainDialer.dialer()).hasMessageContaining("TLS");
    assertThat(plainDialer.listener()).hasMessageContaining("does not speak TLS");
    Outcome plainListener = dial(near, null);
    assertThat(plainListener.dialer()).isInstanceOf(WireException.class);
    assertThat(plainListener.dialer().getMessage()).contains("TLS");
    assertThat(plainListener.listener()).hasMessageContaining("--tls-dir");
  }

  @Test
  void badFilesAreNamed() throws Exception {
    Path home = Files.createDirectories(directory.resolve("bad"));
    assertThatThrownBy(() -> Tls.fromDirectory(home))
        .hasMessageContaining("cert.pem")
        .hasMessageContaining("is missing");
    Files.writeString(home.resolve("cert.pem"), "hello");
    assertThatThrownBy(() -> Tls.fromDirectory(home))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("cert.pem");
    Files.copy(
        near.resolve("cert.pem"),
        home.resolve("cert.pem"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        home.resolve("key.pem"),
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----");
    assertThatThrownBy(() -> Tls.fromDirectory(home)).hasMessageContaining("openssl pkcs8");
  }
}
