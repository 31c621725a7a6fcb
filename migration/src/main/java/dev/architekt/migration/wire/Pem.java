package dev.architekt.migration.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and certificates as text files. */
public final class Pem {
  private static final long FILE_BYTES_MAX = 1 << 20;
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private Pem() {}

  /** A certificate (then those between it and its CA) and the key to it. */
  public static Credentials credentials(Path certificateFile, Path keyFile) throws IOException {
    List<X509Certificate> own = certificates(certificateFile);
    return new Credentials(own, key(keyFile, own.getFirst()));
  }

  /** One or more, in the order of the file. */
  public static List<X509Certificate> certificates(Path file) throws IOException {
    return certificates(read(file), file.toString());
  }

  /**
   * As above.
   *
   * @param origin where it comes from, for messages
   */
  public static List<X509Certificate> certificates(byte[] text, String origin) throws TlsException {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(text))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw new TlsException(origin + ": expected a certificate in PEM form, found none");
      }
      return found;
    } catch (GeneralSecurityException e) {
      throw new TlsException(origin + ": expected certificates in PEM form: " + e.getMessage(), e);
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
