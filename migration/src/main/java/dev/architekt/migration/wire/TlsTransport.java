package dev.architekt.migration.wire;

import dev.architekt.linux.TlsFailure;
import dev.architekt.linux.TlsSession;
import dev.architekt.linux.TlsVerifier;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** TLS 1.3 over a blocking channel. */
final class TlsTransport implements Transport {
  private static final int BUFFER_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final TlsSession session;
  private final Judge judge;
  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  // Guarded by writing.
  private final ByteBuffer record = ByteBuffer.allocateDirect(TlsSession.RECORD_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);

  // What a reader's buffer on the heap is filled from; made when there is one.
  private ByteBuffer scratch;

  /** Asks the trust, and remembers what it was shown. One a connection. */
  static final class Judge implements TlsVerifier {
    private final Trust trust;
    private final boolean dialed;
    private volatile Proof shown;
    private volatile Trust.Objection objection;

    Judge(Trust trust, boolean dialed) {
      this.trust = trust;
      this.dialed = dialed;
    }

    @Override
    public Verdict judge(List<byte[]> chain) {
      try {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : chain) {
          certificates.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        shown = new Proof(certificates);
        objection = trust.judge(certificates, dialed).orElse(null);
      } catch (CertificateException e) {
        objection =
            new Trust.Objection(
                Trust.Doubt.UNKNOWN, "shows a certificate that cannot be read: " + e.getMessage());
      }
      return switch (objection == null ? null : objection.doubt()) {
        case null -> Verdict.ACCEPTED;
        case UNKNOWN -> Verdict.UNKNOWN;
        case EXPIRED -> Verdict.EXPIRED;
        case NOT_YET_VALID -> Verdict.NOT_YET_VALID;
      };
    }

    Trust trust() {
      return trust;
    }

    Optional<Trust.Objection> objection() {
      return Optional.ofNullable(objection);
    }
  }

  TlsTransport(SocketChannel channel, TlsSession session, Judge judge, ByteBuffer first) {
    this.channel = channel;
    this.session = session;
    this.judge = judge;
    in.put(first).flip();
  }

  @Override
  public void handshake() throws IOException {
    try {
      session.feed(in);
      while (!session.handshake()) {
        flush();
        if (!receive()) {
          throw new TlsException(
              remote()
                  + " closed the connection in the TLS handshake: is it an Architekt peer, and"
                  + " does it use TLS (not --insecure)?");
        }
      }
      flush();
    } catch (TlsFailure e) {
      tellWhy();
      throw TlsFailures.describe(remote(), e, judge);
    }
  }

  /** Sends the alert that there is for the other side, so that both know the reason. */
  private void tellWhy() {
    try {
      flush();
    } catch (IOException e) {
      // The reason itself is on its way to the caller; the alert is a courtesy.
    }
  }

  /** Waits for bytes; false at the end of the connection. */
  private boolean receive() throws IOException {
    int read = channel.read(in.clear());
    in.flip();
    if (read < 0) {
      return false;
    }
    session.feed(in);
    return true;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (target.isDirect()) {
      return decrypt(target);
    }
    if (scratch == null) {
      scratch = ByteBuffer.allocateDirect(TlsSession.RECORD_BYTES);
    }
    scratch.clear().limit(Math.min(target.remaining(), scratch.capacity()));
    int read = decrypt(scratch);
    target.put(scratch.flip());
    return read;
  }

  private int decrypt(ByteBuffer target) throws IOException {
    try {
      while (true) {
        int read = session.read(target);
        if (read != 0) {
          return read;
        }
        // New keys, for example, are confirmed.
        flush();
        if (!receive()) {
          return -1;
        }
      }
    } catch (TlsFailure e) {
      requireOpen(e);
      tellWhy();
      throw TlsFailures.describe(remote(), e, judge);
    }
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    writing.lock();
    try {
      record.clear();
      for (ByteBuffer source : sources) {
        while (source.hasRemaining()) {
          int part = Math.min(source.remaining(), record.remaining());
          record.put(source.slice(source.position(), part));
          source.position(source.position() + part);
          if (!record.hasRemaining()) {
            encrypt();
          }
        }
      }
      encrypt();
      drain();
    } catch (TlsFailure e) {
      requireOpen(e);
      throw TlsFailures.describe(remote(), e, judge);
    } finally {
      writing.unlock();
    }
  }

  /** A record of what has gathered; several go in one system call. */
  private void encrypt() throws IOException {
    session.write(record.flip());
    record.clear();
    if (session.drain(out) > 0 && out.remaining() < 2 * TlsSession.RECORD_BYTES) {
      drain();
    }
  }

  private void flush() throws IOException {
    writing.lock();
    try {
      drain();
    } finally {
      writing.unlock();
    }
  }

  /** All that is to go out. */
  private void drain() throws IOException {
    do {
      session.drain(out);
      out.flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
      out.clear();
    } while (session.drain(out) > 0);
  }

  /** Closed by another thread meanwhile: that is no failure of TLS. */
  private void requireOpen(TlsFailure cause) throws ClosedChannelException {
    if (!channel.isOpen()) {
      ClosedChannelException closed = new ClosedChannelException();
      closed.initCause(cause);
      throw closed;
    }
  }

  @Override
  public Optional<Proof> proof() {
    return Optional.ofNullable(judge.shown);
  }

  @Override
  public SocketChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // As in PlainTransport: the descriptor is gone either way.
    } finally {
      session.close();
    }
  }
}
