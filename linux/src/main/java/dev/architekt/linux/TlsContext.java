package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * What this side shows in TLS 1.3 handshakes: a certificate and its key, in the host's OpenSSL
 * (libssl.so.3). Machine code from the first call on: in a process that lives for one move, the
 * JDK's own TLS, compiled by C1 without the processor's AES, moved single megabytes a second.
 *
 * <p>No session is ever resumed, so that each connection's certificates are judged anew. Lives as
 * long as the process. Thread-safe.
 */
public final class TlsContext {
  // ssl.h, tls1.h
  private static final int CTRL_MODE = 33;
  private static final int CTRL_CHAIN_CERTIFICATE = 14;
  private static final int CTRL_SESSION_CACHE = 44;
  private static final int CTRL_MIN_VERSION = 123;
  private static final int CTRL_MAX_VERSION = 124;
  private static final long MODE_RELEASE_BUFFERS = 0x10;
  private static final long TLS_1_3 = 0x0304;
  private static final long OPTION_NO_TICKET = 1L << 14;
  private static final String SUITES =
      "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

  private static final int CHAIN_MAX = 10;
  private static final long CERTIFICATE_BYTES_MAX = 64 << 10;

  /** Whose handshake this thread is in: the callback has no other way to know. */
  static final ThreadLocal<TlsVerifier> JUDGE = new ThreadLocal<>();

  private static final MemorySegment CALLBACK = callback();

  private final MemorySegment context;

  private TlsContext(MemorySegment context) {
    this.context = context;
  }

  /**
   * Makes one.
   *
   * @param chain DER, the own certificate first, then those between it and its CA
   * @param key PKCS#8, DER, of the first certificate; the caller's array may be cleared afterwards
   * @throws TlsFailure OpenSSL does not take them, or they do not belong together
   * @throws UnsatisfiedLinkError the host has no OpenSSL 3; the message names the package
   */
  public static TlsContext create(List<byte[]> chain, byte[] key) throws TlsFailure {
    OpenSsl.clearErrors();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment made =
          (MemorySegment)
              OpenSsl.CTX_NEW.invokeExact((MemorySegment) OpenSsl.TLS_METHOD.invokeExact());
      require(made.address() != 0, "TLS context");
      TlsContext context = new TlsContext(made);
      context.settings(arena);
      context.show(chain, key, arena);
      return context;
    } catch (TlsFailure e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private void settings(Arena arena) throws Throwable {
    require(control(CTRL_MIN_VERSION, TLS_1_3, MemorySegment.NULL) == 1, "TLS 1.3");
    require(control(CTRL_MAX_VERSION, TLS_1_3, MemorySegment.NULL) == 1, "TLS 1.3");
    control(CTRL_MODE, MODE_RELEASE_BUFFERS, MemorySegment.NULL);
    control(CTRL_SESSION_CACHE, 0, MemorySegment.NULL);
    long options = (long) OpenSsl.CTX_SET_OPTIONS.invokeExact(context, OPTION_NO_TICKET);
    require((int) OpenSsl.CTX_SET_TICKETS.invokeExact(context, 0L) == 1, "TLS tickets");
    MemorySegment suites = arena.allocateFrom(SUITES);
    require((int) OpenSsl.CTX_SET_SUITES.invokeExact(context, suites) == 1, "TLS cipher suites");
    OpenSsl.CTX_SET_VERIFIER.invokeExact(context, CALLBACK, MemorySegment.NULL);
  }

  private void show(List<byte[]> chain, byte[] key, Arena arena) throws Throwable {
    MemorySegment own = bytes(arena, chain.getFirst());
    int length = (int) own.byteSize();
    require(
        (int) OpenSsl.CTX_USE_CERTIFICATE.invokeExact(context, length, own) == 1,
        "the certificate");
    for (byte[] more : chain.subList(1, chain.size())) {
      MemorySegment parsed = parse(OpenSsl.CERTIFICATE_OF, bytes(arena, more), arena);
      require(parsed.address() != 0, "a certificate of the chain");
      // Takes it over.
      require(control(CTRL_CHAIN_CERTIFICATE, 0, parsed) == 1, "a certificate of the chain");
    }
    MemorySegment secret = bytes(arena, key);
    try {
      MemorySegment parsed = parse(OpenSsl.KEY_OF, secret, arena);
      require(parsed.address() != 0, "the private key");
      int used = (int) OpenSsl.CTX_USE_KEY.invokeExact(context, parsed);
      OpenSsl.KEY_FREE.invokeExact(parsed); // the context has a reference of its own
      require(used == 1, "the private key");
    } finally {
      secret.fill((byte) 0);
    }
    require((int) OpenSsl.CTX_CHECK_KEY.invokeExact(context) == 1, "the private key");
  }

  private long control(int command, long number, MemorySegment pointer) throws Throwable {
    return (long) OpenSsl.CTX_CTRL.invokeExact(context, command, number, pointer);
  }

  private static MemorySegment bytes(Arena arena, byte[] content) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
  }

  /** The d2i functions move a pointer to the bytes along. */
  private static MemorySegment parse(MethodHandle function, MemorySegment der, Arena arena)
      throws Throwable {
    MemorySegment place = arena.allocateFrom(POINTER, der);
    return (MemorySegment) function.invokeExact(MemorySegment.NULL, place, der.byteSize());
  }

  private static void require(boolean done, String what) throws TlsFailure {
    if (!done) {
      throw OpenSsl.failure(what);
    }
  }

  /**
   * The state of one connection of which this side is the listener.
   *
   * @param certificates whether a dialler without a certificate is refused
   */
  public TlsSession accept(TlsVerifier verifier, boolean certificates) {
    return new TlsSession(context, false, certificates, verifier);
  }

  /** The state of one connection that this side dials. */
  public TlsSession connect(TlsVerifier verifier) {
    return new TlsSession(context, true, true, verifier);
  }

  // --- judging ----------------------------------------------------------------------------------

  private static MemorySegment callback() {
    try {
      MethodHandle judge =
          MethodHandles.lookup()
              .findStatic(
                  TlsContext.class,
                  "judge",
                  MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
      return Linker.nativeLinker()
          .upcallStub(judge, FunctionDescriptor.of(INT, POINTER, POINTER), Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Called by OpenSSL, in a handshake; whatever were thrown here would end the process. */
  private static int judge(MemorySegment store, MemorySegment unused) {
    TlsVerifier.Verdict verdict = TlsVerifier.Verdict.UNKNOWN;
    try {
      TlsVerifier judge = JUDGE.get();
      if (judge != null) {
        verdict = judge.judge(chain(store));
      }
      OpenSsl.STORE_SET_ERROR.invokeExact(store, verdict.code());
    } catch (Throwable e) {
      System.getLogger(TlsContext.class.getName())
          .log(System.Logger.Level.ERROR, "a certificate could not be judged", e);
      return 0;
    }
    return verdict == TlsVerifier.Verdict.ACCEPTED ? 1 : 0;
  }

  private static List<byte[]> chain(MemorySegment store) throws Throwable {
    List<byte[]> chain = new ArrayList<>();
    MemorySegment leaf = (MemorySegment) OpenSsl.STORE_LEAF.invokeExact(store);
    chain.add(der(leaf));
    MemorySegment stack = (MemorySegment) OpenSsl.STORE_CHAIN.invokeExact(store);
    int count = stack.address() == 0 ? 0 : (int) OpenSsl.STACK_COUNT.invokeExact(stack);
    for (int i = 0; i < count && chain.size() < CHAIN_MAX; i++) {
      MemorySegment next = (MemorySegment) OpenSsl.STACK_AT.invokeExact(stack, i);
      if (next.address() != leaf.address()) {
        chain.add(der(next));
      }
    }
    return chain;
  }

  private static byte[] der(MemorySegment certificate) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      int length = (int) OpenSsl.CERTIFICATE_BYTES.invokeExact(certificate, MemorySegment.NULL);
      if (length <= 0 || length > CERTIFICATE_BYTES_MAX) {
        throw new IllegalArgumentException("a certificate of " + length + " bytes");
      }
      MemorySegment bytes = arena.allocate(length);
      MemorySegment place = arena.allocateFrom(POINTER, bytes);
      int written = (int) OpenSsl.CERTIFICATE_BYTES.invokeExact(certificate, place);
      return bytes.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
