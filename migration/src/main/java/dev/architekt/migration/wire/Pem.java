package dev.architekt.migration.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Keys and certificates as text files, with the JDK alone. */
final class Pem {
  private static final long FILE_BYTES_MAX = 1 << 20;
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private Pem() {}

  static SSLContext context(Path directory) throws IOException {
    List<X509Certificate> own = certificates(directory.resolve("cert.pem"));
    PrivateKey key = key(directory.resolve("key.pem"), own.getFirst());
    List<X509Certificate> trusted = certificates(directory.resolve("ca.pem"));
    try {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      for (int i = 0; i < trusted.size(); i++) {
        authorities.setCertificateEntry("ca" + i, trusted.get(i));
      }
      TrustManagerFactory trustManagers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trustManagers.init(authorities);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(new KeyManager[] {new OneKey(key, own)}, trustManagers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new TlsException(directory + ": these files do not make a TLS identity: " + e, e);
    }
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    byte[] bytes = read(file);
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw new TlsException(file + ": expected a certificate in PEM form, found none");
      }
      return found;
    } catch (GeneralSecurityException e) {
      throw new TlsException(file + ": expected certificates in PEM form: " + e.getMessage(), e);
    }
  }

  private static PrivateKey key(Path file, X509Certificate certificate) throws IOException {
    String text = new String(read(file), StandardCharsets.US_ASCII);
    Matcher matcher = PRIVATE_KEY.matcher(text);
    if (!matcher.find()) {
      throw new TlsException(
          file
              + ": expected a PKCS#8 key without a password (-----BEGIN PRIVATE KEY-----);"
              + " convert it by: openssl pkcs8 -topk8 -nocrypt -in OLD -out key.pem");
    }
    String algorithm = certificate.getPublicKey().getAlgorithm();
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(
              new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1))));
    } catch (InvalidKeySpecException | IllegalArgumentException e) {
      throw new TlsException(
          file + ": expected the " + algorithm + " key of the first certificate in cert.pem", e);
    } catch (GeneralSecurityException e) {
      throw new TlsException(file + ": keys of kind " + algorithm + " are unknown here", e);
    }
  }

  private static byte[] read(Path file) throws IOException {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new TlsException(
            file + ": expected at most " + FILE_BYTES_MAX + " bytes, found " + Files.size(file));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new TlsException(
          file + " is missing: a TLS directory holds cert.pem, key.pem and ca.pem", e);
    }
  }
}
