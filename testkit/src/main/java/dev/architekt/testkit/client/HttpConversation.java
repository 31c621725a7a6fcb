package dev.architekt.testkit.client;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Asks for a small page again and again over one connection, while a slow download of a large file
 * ({@link DownloadPattern}) goes on over another.
 */
final class HttpConversation implements Conversation {
  /** The large file's place at the server. */
  static final String LARGE = "/large";

  private static final int PAGE_MAX = 1 << 20;
  private static final int PIECE = 16 << 10;
  private static final long PAUSE_MS = 100;

  private final Line page;
  private final Line download;
  private final long size;
  private final AtomicLong received = new AtomicLong();
  private final AtomicReference<IOException> failure = new AtomicReference<>();
  private final CountDownLatch hurry = new CountDownLatch(1);
  private final Thread downloading;
  private byte[] first = {};

  HttpConversation(String host, int port) throws IOException {
    page = new Line(host, port);
    download = new Line(host, port);
    size = ask(download, LARGE);
    downloading = Thread.ofPlatform().daemon().name("slow-download").start(this::downloadAll);
  }

  /** Returns the length of the body that follows. */
  private static long ask(Line line, String path) throws IOException {
    line.send("GET " + path + " HTTP/1.1\r\nHost: guest\r\n\r\n");
    line.expectLine("HTTP/1.1 200 OK");
    long length = -1;
    for (String header = line.line(); !header.isEmpty(); header = line.line()) {
      String text = header.toLowerCase(java.util.Locale.ROOT);
      if (text.startsWith("content-length:")) {
        length = Long.parseLong(text.substring("content-length:".length()).strip());
      } else if (text.equals("connection: close")) {
        throw new IOException("the server wants to close the connection after " + path);
      }
    }
    if (length < 0) {
      throw new IOException("the server did not say how long " + path + " is");
    }
    return length;
  }

  private void downloadAll() {
    byte[] piece = new byte[PIECE];
    try {
      while (received.get() < size) {
        int wanted = (int) Math.min(piece.length, size - received.get());
        download.in().readFully(piece, 0, wanted);
        DownloadPattern.require(piece, wanted, received.get());
        received.addAndGet(wanted);
        hurry.await(PAUSE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (IOException e) {
      failure.set(new IOException("the download failed after " + received + " bytes", e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void exchange(long n) throws IOException {
    long length = ask(page, "/");
    if (length > PAGE_MAX) {
      throw new IOException("a page of " + length + " bytes, expected a small one");
    }
    byte[] body = page.in().readNBytes((int) length);
    if (n == 0) {
      first = body;
    }
    if (!Arrays.equals(body, first)) {
      throw new IOException("the page changed in request " + n);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  @Override
  public String identity() {
    return page.identity() + ", " + download.identity();
  }

  @Override
  public String verify(long exchanges) throws IOException {
    long slowly = received.get();
    if (slowly == size) {
      throw new IOException("the download ended before the test did: the file is too small");
    }
    hurry.countDown();
    try {
      downloading.join(ANSWER_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    if (received.get() != size) {
      throw new IOException("got " + received + " of " + size + " bytes of the download");
    }
    return size + " bytes downloaded, " + slowly + " of them slowly";
  }

  @Override
  public void close() throws IOException {
    page.close();
    download.close();
  }
}
