package dev.architekt.migration.wire;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A key as people compare it, written as SSH writes its own: {@code SHA256:} and 43 characters of
 * base64. It is of the public key (its SubjectPublicKeyInfo, DER), so that a renewed or signed
 * certificate of the same key has the same one.
 */
public final class Fingerprint {
  private static final Pattern TEXT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

  private Fingerprint() {}

  public static String of(X509Certificate certificate) {
    return of(certificate.getPublicKey());
  }

  public static String of(PublicKey key) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Whether it is written as one; of which key is another question. */
  public static boolean isOne(String text) {
    return TEXT.matcher(text).matches();
  }
}
