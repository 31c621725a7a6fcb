package dev.architekt.migration.wire;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The token of each session: a keyed hash of its number, so that a listener needs to remember none.
 * Whoever has it may replace the session's link by a new one.
 */
final class SessionTokens {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SECRET_BYTES = 32;

  private final SecretKeySpec key;

  SessionTokens() {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  UUID of(UUID session) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      ByteBuffer number =
          ByteBuffer.allocate(16)
              .putLong(session.getMostSignificantBits())
              .putLong(session.getLeastSignificantBits());
      ByteBuffer sum = ByteBuffer.wrap(mac.doFinal(number.array()));
      return new UUID(sum.getLong(), sum.getLong());
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has " + ALGORITHM, e);
    }
  }
}
