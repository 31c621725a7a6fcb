package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The functions of the host's OpenSSL 3 that {@link TlsContext} and {@link TlsSession} call, and
 * its queue of errors, which each thread has for itself.
 */
final class OpenSsl {
  static final MethodHandle CTX_NEW = ssl("SSL_CTX_new", POINTER, POINTER);
  static final MethodHandle CTX_CTRL = ssl("SSL_CTX_ctrl", LONG, POINTER, INT, LONG, POINTER);
  static final MethodHandle CTX_SET_OPTIONS = ssl("SSL_CTX_set_options", LONG, POINTER, LONG);
  static final MethodHandle CTX_SET_TICKETS = ssl("SSL_CTX_set_num_tickets", INT, POINTER, LONG);
  static final MethodHandle CTX_SET_SUITES = ssl("SSL_CTX_set_ciphersuites", INT, POINTER, POINTER);
  static final MethodHandle CTX_USE_CERTIFICATE =
      ssl("SSL_CTX_use_certificate_ASN1", INT, POINTER, INT, POINTER);
  static final MethodHandle CTX_USE_KEY = ssl("SSL_CTX_use_PrivateKey", INT, POINTER, POINTER);
  static final MethodHandle CTX_CHECK_KEY = ssl("SSL_CTX_check_private_key", INT, POINTER);
  static final MethodHandle CTX_SET_VERIFIER =
      ssl("SSL_CTX_set_cert_verify_callback", null, POINTER, POINTER, POINTER);
  static final MethodHandle TLS_METHOD = ssl("TLS_method", POINTER);
  static final MethodHandle NEW = ssl("SSL_new", POINTER, POINTER);
  static final MethodHandle FREE = ssl("SSL_free", null, POINTER);
  static final MethodHandle SET_VERIFY = ssl("SSL_set_verify", null, POINTER, INT, POINTER);
  static final MethodHandle SET_BIO = ssl("SSL_set_bio", null, POINTER, POINTER, POINTER);
  static final MethodHandle ACCEPT_STATE = ssl("SSL_set_accept_state", null, POINTER);
  static final MethodHandle CONNECT_STATE = ssl("SSL_set_connect_state", null, POINTER);
  static final MethodHandle HANDSHAKE = ssl("SSL_do_handshake", INT, POINTER);
  static final MethodHandle GET_ERROR = ssl("SSL_get_error", INT, POINTER, INT);
  static final MethodHandle READ = ssl("SSL_read", INT, POINTER, POINTER, INT);
  static final MethodHandle WRITE = ssl("SSL_write", INT, POINTER, POINTER, INT);
  static final MethodHandle KEY_UPDATE = ssl("SSL_key_update", INT, POINTER, INT);

  static final MethodHandle BIO_NEW = crypto("BIO_new", POINTER, POINTER);
  static final MethodHandle BIO_MEMORY = crypto("BIO_s_mem", POINTER);
  static final MethodHandle BIO_WRITE = crypto("BIO_write", INT, POINTER, POINTER, INT);
  static final MethodHandle BIO_READ = crypto("BIO_read", INT, POINTER, POINTER, INT);
  static final MethodHandle BIO_PENDING = crypto("BIO_ctrl_pending", LONG, POINTER);
  static final MethodHandle KEY_OF = crypto("d2i_AutoPrivateKey", POINTER, POINTER, POINTER, LONG);
  static final MethodHandle KEY_FREE = crypto("EVP_PKEY_free", null, POINTER);
  static final MethodHandle CERTIFICATE_OF = crypto("d2i_X509", POINTER, POINTER, POINTER, LONG);
  static final MethodHandle CERTIFICATE_BYTES = crypto("i2d_X509", INT, POINTER, POINTER);
  static final MethodHandle STORE_LEAF = crypto("X509_STORE_CTX_get0_cert", POINTER, POINTER);
  static final MethodHandle STORE_CHAIN = crypto("X509_STORE_CTX_get0_untrusted", POINTER, POINTER);
  static final MethodHandle STORE_SET_ERROR =
      crypto("X509_STORE_CTX_set_error", null, POINTER, INT);
  static final MethodHandle STACK_COUNT = crypto("OPENSSL_sk_num", INT, POINTER);
  static final MethodHandle STACK_AT = crypto("OPENSSL_sk_value", POINTER, POINTER, INT);
  private static final MethodHandle ERROR_NEXT = crypto("ERR_get_error", LONG);
  private static final MethodHandle ERROR_CLEAR = crypto("ERR_clear_error", null);
  private static final MethodHandle ERROR_TEXT =
      crypto("ERR_error_string_n", null, LONG, POINTER, LONG);

  /** ssl.h, OPENSSL_INIT_NO_ATEXIT: threads of ours may be inside when the process ends. */
  private static final long NO_CLEANUP_AT_EXIT = 0x0008_0000L;

  private static final long REASON_MASK = 0x7f_ffff;
  private static final int TEXT_BYTES = 256;

  static {
    MethodHandle begin = ssl("OPENSSL_init_ssl", INT, LONG, POINTER);
    try {
      int done = (int) begin.invokeExact(NO_CLEANUP_AT_EXIT, MemorySegment.NULL);
      if (done != 1) {
        throw new UnsatisfiedLinkError("OpenSSL cannot be used: its initialisation failed");
      }
    } catch (UnsatisfiedLinkError e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private OpenSsl() {}

  private static MethodHandle ssl(String name, MemoryLayout result, MemoryLayout... parameters) {
    return Library.SSL.function(name, descriptor(result, parameters));
  }

  private static MethodHandle crypto(String name, MemoryLayout result, MemoryLayout... parameters) {
    return Library.CRYPTO.function(name, descriptor(result, parameters));
  }

  private static FunctionDescriptor descriptor(MemoryLayout result, MemoryLayout... parameters) {
    return result == null
        ? FunctionDescriptor.ofVoid(parameters)
        : FunctionDescriptor.of(result, parameters);
  }

  /** Before a call whose failure {@link #failure} is to explain. */
  static void clearErrors() {
    try {
      ERROR_CLEAR.invokeExact();
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** What this thread's last calls left in the queue, oldest first; that is the cause. */
  static TlsFailure failure(String doing) {
    try (Arena arena = Arena.ofConfined()) {
      long first = (long) ERROR_NEXT.invokeExact();
      if (first == 0) {
        return new TlsFailure(doing + ": OpenSSL gives no reason", 0);
      }
      MemorySegment text = arena.allocate(TEXT_BYTES);
      ERROR_TEXT.invokeExact(first, text, (long) TEXT_BYTES);
      clearErrors();
      String[] parts = text.getString(0, StandardCharsets.ISO_8859_1).split(":");
      return new TlsFailure(doing + ": " + parts[parts.length - 1], (int) (first & REASON_MASK));
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
