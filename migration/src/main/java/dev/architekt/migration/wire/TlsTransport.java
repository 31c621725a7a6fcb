package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** TLS 1.3 with certificates on both sides, over a blocking channel. */
final class TlsTransport implements Transport {
  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer in;
  private final ByteBuffer out;
  // Plain bytes that did not fit the reader's buffer.
  private final ByteBuffer rest;
  private boolean established;

  TlsTransport(SocketChannel channel, SSLEngine engine, boolean client) {
    this.channel = channel;
    this.engine = engine;
    engine.setUseClientMode(client);
    engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    engine.setNeedClientAuth(!client);
    int packet = engine.getSession().getPacketBufferSize();
    int application = engine.getSession().getApplicationBufferSize();
    in = ByteBuffer.allocateDirect(4 * packet).flip();
    // Several records go in one system call.
    out = ByteBuffer.allocateDirect(8 * packet);
    rest = ByteBuffer.allocateDirect(application).flip();
  }

  @Override
  public void handshake() throws IOException {
    try {
      engine.beginHandshake();
      ByteBuffer nothing = ByteBuffer.allocate(0);
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_WRAP -> write(nothing);
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            if (unwrap(rest.clear()) < 0) {
              throw new TlsException(
                  remote()
                      + " closed the connection in the TLS handshake: is it an Architekt peer"
                      + " with --tls-dir?");
            }
            rest.flip();
          }
          case NEED_TASK -> tasks();
          case FINISHED, NOT_HANDSHAKING -> {
            established = true;
            return;
          }
        }
      }
    } catch (SSLException e) {
      tellWhy();
      throw TlsFailures.describe(remote(), e);
    }
  }

  /** Sends the alert that the engine has for the other side, so that both know the reason. */
  private void tellWhy() {
    try {
      write(ByteBuffer.allocate(0));
    } catch (IOException e) {
      // The reason itself is on its way to the caller; the alert is a courtesy.
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    try {
      while (true) {
        if (rest.hasRemaining()) {
          int n = Math.min(rest.remaining(), target.remaining());
          target.put(rest.slice(rest.position(), n));
          rest.position(rest.position() + n);
          return n;
        }
        boolean direct = target.remaining() >= rest.capacity();
        ByteBuffer into = direct ? target : rest.clear();
        int n = unwrap(into);
        if (!direct) {
          rest.flip();
        }
        if (n < 0 || direct && n > 0) {
          return n;
        }
      }
    } catch (SSLException e) {
      throw TlsFailures.describe(remote(), e);
    }
  }

  /**
   * Decrypts what there is, or waits for one record; 0 if that was none with data, −1 at the end.
   */
  private int unwrap(ByteBuffer into) throws IOException {
    int start = into.position();
    while (true) {
      SSLEngineResult result = engine.unwrap(in, into);
      switch (result.getStatus()) {
        case OK -> {
          after(result.getHandshakeStatus());
          if (!in.hasRemaining() || into.remaining() < rest.capacity() || handshaking()) {
            return into.position() - start;
          }
        }
        case BUFFER_OVERFLOW -> {
          return into.position() - start;
        }
        case BUFFER_UNDERFLOW -> {
          if (into.position() > start) {
            return into.position() - start;
          }
          in.compact();
          int n = channel.read(in);
          in.flip();
          if (n < 0) {
            return -1;
          }
        }
        case CLOSED -> {
          return into.position() > start ? into.position() - start : -1;
        }
      }
    }
  }

  private boolean handshaking() {
    HandshakeStatus status = engine.getHandshakeStatus();
    return status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
  }

  /** After the handshake a reader may have to do or to say something: new keys, for example. */
  private void after(HandshakeStatus status) throws IOException {
    if (status == HandshakeStatus.NEED_TASK) {
      tasks();
    }
    if (established && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      write(ByteBuffer.allocate(0));
    }
  }

  private void tasks() {
    Runnable task = engine.getDelegatedTask();
    while (task != null) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  @Override
  public void write(ByteBuffer... sources) throws IOException {
    writing.lock();
    try {
      ByteBuffer last = sources[sources.length - 1];
      do {
        SSLEngineResult result = engine.wrap(sources, out);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
          drain();
          throw new SSLException("the TLS session is closed");
        }
        boolean full = result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW;
        if (full || !last.hasRemaining()) {
          drain();
        }
      } while (last.hasRemaining());
    } finally {
      writing.unlock();
    }
  }

  private void drain() throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    out.clear();
  }

  @Override
  public Optional<String> certificate() {
    try {
      return Optional.of(engine.getSession().getPeerPrincipal().getName());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
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
    }
  }
}
