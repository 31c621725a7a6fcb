package dev.architekt.node;

import dev.architekt.archive.RangeSource;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file on a web server, read in byte ranges (RFC 9110, section 14). Follows redirects; a file
 * that is replaced while it is read is noticed by its entity tag and its size.
 */
public final class HttpRange implements RangeSource {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 3;
  private static final long BETWEEN_ATTEMPTS_MILLIS = 300;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int PRECONDITION_FAILED = 412;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(CONNECT)
          .build();
  private final URI address;
  private long size;
  private Optional<String> tag = Optional.empty();

  private HttpRange(URI address) {
    this.address = address;
  }

  /** Whether {@code text} is an address of this kind, and not HOST:PORT. */
  public static boolean isOne(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  /**
   * Asks for the first byte, and so for the size.
   *
   * @throws IOException if there is no such file, or the server has no byte ranges
   */
  public static HttpRange open(String text) throws IOException {
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(text + ": not a web address: " + e.getMessage(), e);
    }
    if (address.getHost() == null) {
      throw new IOException(text + ": expected http://HOST/PATH or https://HOST/PATH");
    }
    HttpRange range = new HttpRange(address);
    try {
      HttpResponse<InputStream> first = range.ask(0, 1);
      try (InputStream body = first.body()) {
        range.size = range.contentRange(first, 0, 1);
        range.tag = first.headers().firstValue("ETag").filter(t -> !t.startsWith("W/"));
        body.readNBytes(1);
      }
      return range;
    } catch (IOException e) {
      range.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return address.toString();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size);
    int length = Math.toIntExact(target.byteSize());
    for (int attempt = 1; ; attempt++) {
      try {
        readOnce(offset, length, target);
        return;
      } catch (ServerException | InterruptedIOException e) {
        throw e; // asking again would not help
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new IOException(name() + ": " + (e.getMessage() == null ? e : e.getMessage()), e);
        }
        pause();
      }
    }
  }

  /** The server's answer is none that more tries would change. */
  private static final class ServerException extends IOException {
    private static final long serialVersionUID = 1L;

    ServerException(String message) {
      super(message);
    }
  }

  private void readOnce(long offset, int length, MemorySegment target) throws IOException {
    HttpResponse<InputStream> response = ask(offset, length);
    try (InputStream body = response.body()) {
      long total = contentRange(response, offset, length);
      if (total != size) {
        throw new ServerException(
            name() + ": expected " + size + " bytes, found " + total + ": the file was replaced");
      }
      byte[] bytes = body.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException(
            "expected %d bytes at %d, found %d".formatted(length, offset, bytes.length));
      }
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, length);
    }
  }

  private HttpResponse<InputStream> ask(long offset, int length) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER)
            .header("Range", "bytes=" + offset + "-" + (offset + length - 1))
            .GET();
    tag.ifPresent(value -> request.header("If-Match", value));
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading " + address);
    } catch (ConnectException e) {
      throw new IOException(address + ": cannot connect; is a web server running there?", e);
    }
  }

  /** The size of the whole file; fails unless the answer is just the range that was asked for. */
  private long contentRange(HttpResponse<InputStream> response, long offset, int length)
      throws IOException {
    switch (response.statusCode()) {
      case PARTIAL -> {
        Matcher range =
            CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches()
            || Long.parseLong(range.group(1)) != offset
            || Long.parseLong(range.group(2)) != offset + length - 1) {
          throw new ServerException(
              name()
                  + ": asked for bytes "
                  + offset
                  + " to "
                  + (offset + length - 1)
                  + ", and the server sends others");
        }
        return Long.parseLong(range.group(3));
      }
      case OK ->
          throw new ServerException(
              name()
                  + ": this web server sends whole files only; a package is read in byte ranges."
                  + " Serve it with one that has them (nginx, Apache, any object store), or copy"
                  + " the file and run a registry");
      case PRECONDITION_FAILED ->
          throw new ServerException(name() + ": the file was replaced while it was being read");
      default ->
          throw new ServerException(
              name() + ": the web server answers with status " + response.statusCode());
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      Thread.sleep(BETWEEN_ATTEMPTS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted between two attempts");
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
