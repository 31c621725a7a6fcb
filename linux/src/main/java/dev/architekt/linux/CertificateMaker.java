package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.security.SecureRandom;
import java.time.Instant;

/** Makes X.509 certificates by the host's OpenSSL: the JDK reads them, but makes none. */
public final class CertificateMaker {
  private static final MethodHandle NEW = function("X509_new", POINTER);
  private static final MethodHandle FREE = function("X509_free", null, POINTER);
  private static final MethodHandle SET_VERSION = function("X509_set_version", INT, POINTER, LONG);
  private static final MethodHandle SERIAL = function("X509_get_serialNumber", POINTER, POINTER);
  private static final MethodHandle SET_INTEGER =
      function("ASN1_INTEGER_set_int64", INT, POINTER, LONG);
  private static final MethodHandle FROM = function("X509_getm_notBefore", POINTER, POINTER);
  private static final MethodHandle TO = function("X509_getm_notAfter", POINTER, POINTER);
  private static final MethodHandle SET_TIME = function("ASN1_TIME_set", POINTER, POINTER, LONG);
  private static final MethodHandle SUBJECT = function("X509_get_subject_name", POINTER, POINTER);
  private static final MethodHandle NAME_ADD =
      function("X509_NAME_add_entry_by_txt", INT, POINTER, POINTER, INT, POINTER, INT, INT, INT);
  private static final MethodHandle SET_ISSUER =
      function("X509_set_issuer_name", INT, POINTER, POINTER);
  private static final MethodHandle PUBLIC_KEY_OF =
      function("d2i_PUBKEY", POINTER, POINTER, POINTER, LONG);
  private static final MethodHandle SET_KEY = function("X509_set_pubkey", INT, POINTER, POINTER);
  private static final MethodHandle EXTENSION =
      function("X509V3_EXT_conf_nid", POINTER, POINTER, POINTER, INT, POINTER);
  private static final MethodHandle EXTENSION_FREE = function("X509_EXTENSION_free", null, POINTER);
  private static final MethodHandle ADD_EXTENSION =
      function("X509_add_ext", INT, POINTER, POINTER, INT);
  private static final MethodHandle SHA256 = function("EVP_sha256", POINTER);
  private static final MethodHandle SIGN = function("X509_sign", INT, POINTER, POINTER, POINTER);

  // obj_mac.h, asn1.h
  private static final int KEY_USAGE = 83;
  private static final int BASIC_CONSTRAINTS = 87;
  private static final int EXTENDED_KEY_USAGE = 126;
  private static final int UTF8 = 0x1000;
  private static final long VERSION_3 = 2;

  /**
   * What a certificate says.
   *
   * @param publicKey SubjectPublicKeyInfo, DER
   * @param name its common name, 1 to 64 characters
   * @param authority whether it may sign others (but none that sign in turn)
   */
  public record Content(
      byte[] publicKey, String name, Instant from, Instant to, boolean authority) {}

  private CertificateMaker() {}

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return Library.CRYPTO.function(
        name,
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters));
  }

  /**
   * Signs {@code content}.
   *
   * @param issuer the signer's certificate, DER; null for one that signs itself
   * @param key the signer's private key, PKCS#8, DER
   * @return DER
   * @throws TlsFailure OpenSSL does not take them
   */
  public static byte[] make(Content content, byte[] issuer, byte[] key) throws TlsFailure {
    OpenSsl.clearErrors();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment made = some((MemorySegment) NEW.invokeExact(), "a certificate");
      try {
        fill(made, content, arena);
        sign(made, issuer, key, arena);
        return bytes(made, arena);
      } finally {
        FREE.invokeExact(made);
      }
    } catch (TlsFailure e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void fill(MemorySegment made, Content content, Arena arena) throws Throwable {
    done((int) SET_VERSION.invokeExact(made, VERSION_3), "version");
    long serial = new SecureRandom().nextLong() >>> 1 | 1;
    MemorySegment number = (MemorySegment) SERIAL.invokeExact(made);
    done((int) SET_INTEGER.invokeExact(number, serial), "serial number");
    MemorySegment from = (MemorySegment) FROM.invokeExact(made);
    some((MemorySegment) SET_TIME.invokeExact(from, content.from().getEpochSecond()), "time");
    MemorySegment to = (MemorySegment) TO.invokeExact(made);
    some((MemorySegment) SET_TIME.invokeExact(to, content.to().getEpochSecond()), "time");
    MemorySegment subject = (MemorySegment) SUBJECT.invokeExact(made);
    done(
        (int)
            NAME_ADD.invokeExact(
                subject,
                arena.allocateFrom("CN"),
                UTF8,
                arena.allocateFrom(content.name()),
                -1,
                -1,
                0),
        "name");
    MemorySegment key = parse(PUBLIC_KEY_OF, content.publicKey(), arena);
    int set = (int) SET_KEY.invokeExact(made, key);
    OpenSsl.KEY_FREE.invokeExact(key);
    done(set, "public key");
    boolean authority = content.authority();
    extend(
        made,
        BASIC_CONSTRAINTS,
        authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE",
        arena);
    extend(
        made, KEY_USAGE, authority ? "critical,keyCertSign" : "critical,digitalSignature", arena);
    if (!authority) {
      extend(made, EXTENDED_KEY_USAGE, "serverAuth,clientAuth", arena);
    }
  }

  private static void extend(MemorySegment made, int kind, String value, Arena arena)
      throws Throwable {
    MemorySegment extension =
        some(
            (MemorySegment)
                EXTENSION.invokeExact(
                    MemorySegment.NULL, MemorySegment.NULL, kind, arena.allocateFrom(value)),
            value);
    int added = (int) ADD_EXTENSION.invokeExact(made, extension, -1);
    EXTENSION_FREE.invokeExact(extension);
    done(added, value);
  }

  private static void sign(MemorySegment made, byte[] issuer, byte[] key, Arena arena)
      throws Throwable {
    MemorySegment by = issuer == null ? made : parse(OpenSsl.CERTIFICATE_OF, issuer, arena);
    MemorySegment name = (MemorySegment) SUBJECT.invokeExact(by);
    int set = (int) SET_ISSUER.invokeExact(made, name);
    if (issuer != null) {
      FREE.invokeExact(by);
    }
    done(set, "issuer");
    MemorySegment secret = parse(OpenSsl.KEY_OF, key, arena);
    MemorySegment digest = (MemorySegment) SHA256.invokeExact();
    int length = (int) SIGN.invokeExact(made, secret, digest);
    OpenSsl.KEY_FREE.invokeExact(secret);
    done(Math.min(length, 1), "signature");
  }

  private static byte[] bytes(MemorySegment made, Arena arena) throws Throwable {
    int length = (int) OpenSsl.CERTIFICATE_BYTES.invokeExact(made, MemorySegment.NULL);
    done(Math.min(length, 1), "encoding");
    MemorySegment bytes = arena.allocate(length);
    MemorySegment place = arena.allocateFrom(POINTER, bytes);
    int written = (int) OpenSsl.CERTIFICATE_BYTES.invokeExact(made, place);
    return bytes.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The copy in native memory, of a private key perhaps, does not stay there. */
  private static MemorySegment parse(MethodHandle function, byte[] der, Arena arena)
      throws Throwable {
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, der);
    MemorySegment place = arena.allocateFrom(POINTER, bytes);
    MemorySegment parsed =
        (MemorySegment) function.invokeExact(MemorySegment.NULL, place, (long) der.length);
    bytes.fill((byte) 0);
    return some(parsed, "a key or a certificate");
  }

  private static MemorySegment some(MemorySegment pointer, String what) throws TlsFailure {
    if (pointer.address() == 0) {
      throw OpenSsl.failure("certificate: " + what);
    }
    return pointer;
  }

  private static void done(int result, String what) throws TlsFailure {
    if (result != 1) {
      throw OpenSsl.failure("certificate: " + what);
    }
  }
}
