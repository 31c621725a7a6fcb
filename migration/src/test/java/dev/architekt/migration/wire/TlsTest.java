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
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
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

  private static WireOptions at(String identity, Path tls, Instant now) throws Exception {
    return WireOptions.of(identity).withTls(Tls.fromDirectory(tls, InstantSource.fixed(now)));
  }

  private static WireOptions options(String identity, Path tls) throws Exception {
    WireOptions plain = WireOptions.of(identity);
    return tls == null ? plain : plain.withTls(Tls.fromDirectory(tls));
  }

  private record Outcome(Throwable dialer, WireException listener, String certificate) {}

  /** Dials with one identity a listener with another. */
  private static Outcome dial(Path dialer, Path listening) throws Exception {
    return dial(options("near", dialer), options("far", listening));
  }

  private static Outcome dial(WireOptions dialer, WireOptions listening) throws Exception {
    Collector there = new Collector();
    AtomicReference<Optional<String>> certificate = new AtomicReference<>(Optional.empty());
    try (Listener listener =
            Listener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                listening,
                (hello, peer) -> {
                  certificate.set(peer.proof().map(Proof::name));
                  return new Verdict.Allow();
                },
                there);
        Connector connector =
            new Connector(
                listener.address(),
                dialer,
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
    assertThat(outcome.certificate()).isEqualTo("near");
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
      assertThat(link.peer().proof().map(Proof::name)).contains("far");
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
        .hasMessageContaining("did not accept this side's certificate");
    assertThat(outcome.listener())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("signed by a CA in ca.pem");
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    Outcome outcome = dial(expired, far);
    assertThat(outcome.dialer())
        .isInstanceOf(TlsException.class)
        .hasMessageContaining("did not accept this side's certificate");
    assertThat(outcome.listener()).hasMessageContaining("has expired");
    assertThat(dial(near, expired).dialer()).hasMessageContaining("has expired");
  }

  @Test
  void aClockThatIsOffIsNamedOnBothSides() throws Exception {
    Instant now = Instant.now();
    Outcome ahead = dial(at("near", near, now), at("far", far, now.plus(Duration.ofDays(60))));
    assertThat(ahead.listener())
        .hasMessageContaining("has expired at")
        .hasMessageContaining("clock of this host says");
    assertThat(ahead.dialer()).hasMessageContaining("has expired");
    Outcome behind = dial(at("near", near, now), at("far", far, now.minus(Duration.ofDays(2))));
    assertThat(behind.listener())
        .hasMessageContaining("is valid from")
        .hasMessageContaining("one of the two clocks is off");
    assertThat(behind.dialer()).hasMessageContaining("compare the clocks of both hosts");
    // What hosts differ by when nobody looks after them is borne.
    assertThat(dial(at("near", near, now), at("far", far, now.minusSeconds(30))).dialer()).isNull();
  }

  @Test
  void onOneHostPlainTextMayStandBesideTls() throws Exception {
    WireOptions both =
        WireOptions.of("far").withSecurity(Optional.of(Tls.fromDirectory(far)), PlainText.LOOPBACK);
    assertThat(dial(WireOptions.of("near"), both).dialer()).isNull();
    Outcome tls = dial(options("near", near), both);
    assertThat(tls.dialer()).isNull();
    assertThat(tls.certificate()).isEqualTo("near");
    assertThat(dial(options("near", foreign), both).dialer()).isInstanceOf(TlsException.class);
  }

  @Test
  void aStrangerLearnsNothingButTheCertificate() throws Exception {
    Collector there = new Collector();
    try (Listener listener =
        Listener.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            options("far", far),
            (hello, peer) -> new Verdict.Allow(),
            there)) {
      // Another implementation of TLS, with no certificate.
      SSLContext trusting = SSLContext.getInstance("TLSv1.3");
      trusting.init(null, new TrustManager[] {new TrustAll()}, null);
      try (SSLSocket socket =
          (SSLSocket)
              trusting
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), listener.address().getPort())) {
        assertThatThrownBy(
                () -> {
                  if (socket.getInputStream().read() >= 0) {
                    throw new AssertionError("a stranger was told something");
                  }
                })
            .hasMessageContaining("certificate_required");
      }
      assertThat(take(there.failures)).hasMessageContaining("has shown no certificate");
    }
  }

  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void linksThatCloseInTheMiddleOfTrafficFreeWhatTheyHad() throws Exception {
    for (int i = 0; i < 20; i++) {
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
        Thread writer =
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    for (long page = 0; ; page += 64) {
                      link.send(
                          Lane.FIRST_BULK,
                          new Message.Pages(0, page, 64, 0, false, RunCodecTest.noise(64, page)));
                    }
                  } catch (WireException e) {
                    assertThat(link.isOpen()).isFalse();
                  }
                });
        take(there.arrivals);
        (i % 2 == 0 ? link : take(there.links)).lose(LaneLostException.goodbye(0));
        writer.join();
      }
    }
  }

  @Test
  void plainAndTlsDoNotMix() throws Exception {
    Outcome plainDialer = dial(null, far);
    assertThat(plainDialer.dialer()).hasMessageContaining("TLS");
    assertThat(plainDialer.listener()).hasMessageContaining("does not speak TLS");
    Outcome plainListener = dial(near, null);
    assertThat(plainListener.dialer()).isInstanceOf(WireException.class);
    assertThat(plainListener.dialer().getMessage()).contains("TLS");
    assertThat(plainListener.listener()).hasMessageContaining("--insecure");
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
