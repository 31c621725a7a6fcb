package dev.architekt.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * One connection's TLS, without the connection: encrypted bytes go in by {@link #feed} and come out
 * by {@link #drain}. Nothing here waits. Thread-safe: one thread may read while another writes.
 */
public final class TlsSession implements AutoCloseable {
  /** Most bytes of one record; more in one {@link #write} make several. */
  public static final int RECORD_BYTES = 16 << 10;

  // ssl.h
  private static final int VERIFY_PEER = 1;
  private static final int VERIFY_FAIL_IF_NONE = 2;
  private static final int WANT_READ = 2;
  private static final int ZERO_RETURN = 6;
  private static final int UPDATE_OWN_KEY = 0;

  /** New keys long before AES-GCM needs them (RFC 8446, 5.5: 2^24.5 full records). */
  private static final long KEY_BYTES = 1L << 36;

  private final TlsVerifier verifier;
  private final MemorySegment session;
  private final MemorySegment arrived;
  private final MemorySegment leaving;
  private long keyBytes;
  private boolean closed;

  TlsSession(MemorySegment context, boolean client, boolean certificates, TlsVerifier verifier) {
    this.verifier = verifier;
    try {
      session = some((MemorySegment) OpenSsl.NEW.invokeExact(context));
      MemorySegment memory = (MemorySegment) OpenSsl.BIO_MEMORY.invokeExact();
      arrived = some((MemorySegment) OpenSsl.BIO_NEW.invokeExact(memory));
      leaving = some((MemorySegment) OpenSsl.BIO_NEW.invokeExact(memory));
      OpenSsl.SET_BIO.invokeExact(session, arrived, leaving); // owns both from here on
      int mode = certificates ? VERIFY_PEER | VERIFY_FAIL_IF_NONE : VERIFY_PEER;
      OpenSsl.SET_VERIFY.invokeExact(session, mode, MemorySegment.NULL);
      if (client) {
        OpenSsl.CONNECT_STATE.invokeExact(session);
      } else {
        OpenSsl.ACCEPT_STATE.invokeExact(session);
      }
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static MemorySegment some(MemorySegment pointer) {
    if (pointer.address() == 0) {
      throw new OutOfMemoryError("OpenSSL: no native memory for a connection");
    }
    return pointer;
  }

  /**
   * Goes on with the handshake as far as what has arrived allows. {@link #drain} afterwards, also
   * after a failure: the alert for the other side is there.
   *
   * @return whether it is done; else more must arrive
   */
  public synchronized boolean handshake() throws TlsFailure {
    requireOpen();
    OpenSsl.clearErrors();
    TlsContext.JUDGE.set(verifier);
    try {
      int result = (int) OpenSsl.HANDSHAKE.invokeExact(session);
      return result == 1 || !wantsMore(result, "TLS handshake");
    } catch (TlsFailure e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    } finally {
      TlsContext.JUDGE.remove();
    }
  }

  /** Whether the call only lacks input; false at the other side's orderly end. */
  private boolean wantsMore(int result, String doing) throws Throwable {
    int error = (int) OpenSsl.GET_ERROR.invokeExact(session, result);
    if (error == WANT_READ) {
      return true;
    }
    if (error == ZERO_RETURN) {
      return false;
    }
    throw OpenSsl.failure(doing);
  }

  /**
   * Decrypts into a direct buffer, at its position, which moves.
   *
   * @return the bytes, at most a record's; 0 when more must arrive; −1 when the other side has
   *     ended TLS
   */
  public synchronized int read(ByteBuffer target) throws TlsFailure {
    requireOpen();
    OpenSsl.clearErrors();
    try {
      // Safe: the length goes along, and the frame keeps the buffer alive.
      MemorySegment place = MemorySegment.ofBuffer(target);
      int read = (int) OpenSsl.READ.invokeExact(session, place, target.remaining());
      if (read > 0) {
        target.position(target.position() + read);
        return read;
      }
      return wantsMore(read, "TLS") ? 0 : -1;
    } catch (TlsFailure e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Encrypts all of a direct buffer; {@link #drain} has the result. */
  public synchronized void write(ByteBuffer source) throws TlsFailure {
    requireOpen();
    OpenSsl.clearErrors();
    int length = source.remaining();
    if (length == 0) {
      return;
    }
    try {
      if (keyBytes > KEY_BYTES) {
        keyBytes = 0;
        int asked = (int) OpenSsl.KEY_UPDATE.invokeExact(session, UPDATE_OWN_KEY);
      }
      int written =
          (int) OpenSsl.WRITE.invokeExact(session, MemorySegment.ofBuffer(source), length);
      if (written != length) {
        throw OpenSsl.failure("TLS");
      }
      keyBytes += length;
      source.position(source.limit());
    } catch (TlsFailure e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Takes what has arrived from the other side, all of a direct buffer. */
  public synchronized void feed(ByteBuffer source) throws TlsFailure {
    requireOpen();
    int length = source.remaining();
    if (length == 0) {
      return;
    }
    try {
      int taken =
          (int) OpenSsl.BIO_WRITE.invokeExact(arrived, MemorySegment.ofBuffer(source), length);
      if (taken != length) {
        throw new OutOfMemoryError("OpenSSL: no native memory for " + length + " bytes");
      }
      source.position(source.limit());
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** Puts what is to go to the other side into a direct buffer, at its position. */
  public synchronized int drain(ByteBuffer target) throws TlsFailure {
    requireOpen();
    try {
      if (!target.hasRemaining() || (long) OpenSsl.BIO_PENDING.invokeExact(leaving) == 0) {
        return 0;
      }
      MemorySegment place = MemorySegment.ofBuffer(target);
      int given = (int) OpenSsl.BIO_READ.invokeExact(leaving, place, target.remaining());
      target.position(target.position() + Math.max(given, 0));
      return Math.max(given, 0);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private void requireOpen() throws TlsFailure {
    if (closed) {
      throw new TlsFailure("the connection is closed", 0);
    }
  }

  /** Frees it; a call that comes later fails as one on a closed connection does. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      OpenSsl.FREE.invokeExact(session);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
