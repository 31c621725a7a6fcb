package dev.architekt.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.migration.wire.Fingerprint;
import dev.architekt.migration.wire.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.parse("2026-11-01T12:00:00Z"));

  @TempDir Path folder;
  private Path home;

  @BeforeEach
  void privateFolder() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    home = folder.resolve("identity");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void onlyItsOwnerCanReadIt() throws Exception {
    Identity made = Identity.create(home, "node-1", false, 10, NOW);
    assertThat(mode(home)).isEqualTo("rwx------");
    assertThat(mode(home.resolve("key.pem"))).isEqualTo("rw-------");
    assertThat(made.name()).isEqualTo("node-1");
    assertThat(made.fingerprint()).matches("SHA256:[A-Za-z0-9+/]{43}");
    assertThat(made.certificate().getNotBefore().toInstant()).isEqualTo("2026-11-01T11:00:00Z");
    assertThat(made.certificate().getNotAfter().toInstant()).isEqualTo("2026-11-11T12:00:00Z");
    assertThat(Identity.open(home).fingerprint()).isEqualTo(made.fingerprint());
    assertThat(made.credentials().toString()).doesNotContain("PRIVATE");
  }

  @Test
  void opensslComputesTheSameFingerprint() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs the openssl command");
    Identity made = Identity.create(home, "node-1", false, 10, NOW);
    Process openssl =
        new ProcessBuilder(
                "sh",
                "-c",
                "openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform DER"
                    + " | openssl dgst -sha256 -binary | base64")
            .directory(home.toFile())
            .start();
    String sum = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat("SHA256:" + sum.strip().replace("=", "")).isEqualTo(made.fingerprint());
  }

  @Test
  void oneIsNeverReplaced() throws Exception {
    Identity made = Identity.openOrCreate(home, NOW);
    assertThat(made.isFresh()).isTrue();
    assertThat(Identity.openOrCreate(home, NOW).isFresh()).isFalse();
    assertThatThrownBy(() -> Identity.create(home, "other", false, 10, NOW))
        .hasMessageContaining("has an identity already")
        .hasMessageContaining(made.fingerprint());
  }

  @Test
  void whatOthersCanReachIsRefused() throws Exception {
    Identity.create(home, "node-1", false, 10, NOW);
    Files.setPosixFilePermissions(
        home.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> Identity.open(home))
        .hasMessageContaining("key.pem can be reached by other users")
        .hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> Identity.open(home)).hasMessageContaining("chmod 700");
  }

  @Test
  void symbolicLinksAreRefused() throws Exception {
    Identity.create(folder.resolve("real"), "node-1", false, 10, NOW);
    Files.createSymbolicLink(home, folder.resolve("real"));
    assertThatThrownBy(() -> Identity.open(home)).hasMessageContaining("is a symbolic link");
    Files.delete(home);
    Files.createDirectory(
        home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.createSymbolicLink(home.resolve("key.pem"), folder.resolve("real/key.pem"));
    assertThatThrownBy(() -> Identity.open(home))
        .hasMessageContaining("key.pem is a symbolic link");
  }

  @Test
  void foreignOwnersAreRefused() throws Exception {
    assumeTrue(PrivateFolder.user() == 0, "only root can give a file away");
    Identity.create(home, "node-1", false, 10, NOW);
    Files.setAttribute(home.resolve("key.pem"), "unix:uid", 1234);
    assertThatThrownBy(() -> Identity.open(home)).hasMessageContaining("belongs to user 1234");
    Files.setAttribute(home, "unix:uid", 1234);
    assertThatThrownBy(() -> Identity.open(home)).hasMessageContaining("belongs to user 1234");
    Files.setAttribute(home, "unix:uid", 0);
  }

  @Test
  void aRenewedOrSignedCertificateIsOfTheSameKey() throws Exception {
    Identity node = Identity.create(home, "node-1", false, 10, NOW);
    InstantSource later = InstantSource.offset(NOW, Duration.ofDays(20));
    Identity renewed = node.renew(10, later);
    assertThat(renewed.fingerprint()).isEqualTo(node.fingerprint());
    assertThat(renewed.certificate().getNotAfter().toInstant()).isEqualTo("2026-12-01T12:00:00Z");

    Identity ca = Identity.create(folder.resolve("ca"), "fleet", true, 100, NOW);
    byte[] signed = ca.sign(renewed.certificate(), 10, NOW);
    var chain = Pem.certificates(signed, "signed");
    assertThat(Fingerprint.of(chain.getFirst())).isEqualTo(node.fingerprint());
    chain.getFirst().verify(ca.certificate().getPublicKey());
    assertThat(node.install(chain).certificate().getIssuerX500Principal().getName())
        .isEqualTo("CN=fleet");
    assertThatThrownBy(() -> ca.install(chain)).hasMessageContaining(ca.fingerprint());
    assertThatThrownBy(() -> node.sign(ca.certificate(), 10, NOW))
        .hasMessageContaining("cannot sign others");
    assertThatThrownBy(() -> ca.sign(ca.certificate(), 10, NOW)).hasMessageContaining("CA");
  }
}
