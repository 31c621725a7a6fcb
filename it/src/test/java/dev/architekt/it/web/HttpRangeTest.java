package dev.architekt.it.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.architekt.node.HttpRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("quick")
@Timeout(30)
class HttpRangeTest {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  private HttpServer server;
  private volatile byte[] content = new byte[100_000];
  private volatile String tag = "\"one\"";
  private volatile int failures;

  @BeforeEach
  void serve() throws IOException {
    new Random(3).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", this::ranges);
    server.createContext("/whole", exchange -> answer(exchange, 200, content));
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/file");
          answer(exchange, 302, new byte[0]);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void ranges(HttpExchange exchange) throws IOException {
    String condition = exchange.getRequestHeaders().getFirst("If-Match");
    if (condition != null && !condition.equals(tag)) {
      answer(exchange, 412, new byte[0]);
      return;
    }
    if (failures > 0) {
      failures--;
      exchange.close(); // without an answer, as a connection that is lost
      return;
    }
    Matcher range = RANGE.matcher(exchange.getRequestHeaders().getFirst("Range"));
    assertThat(range.matches()).isTrue();
    int first = Integer.parseInt(range.group(1));
    int last = Integer.parseInt(range.group(2));
    exchange.getResponseHeaders().add("ETag", tag);
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
    answer(exchange, 206, Arrays.copyOfRange(content, first, last + 1));
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  private static byte[] read(HttpRange range, long offset, int length) throws IOException {
    MemorySegment target = Arena.ofAuto().allocate(length);
    range.read(offset, target);
    return target.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void anyRangeIsRead() throws IOException {
    try (HttpRange range = HttpRange.open(url("/file"))) {
      assertThat(range.size()).isEqualTo(content.length);
      assertThat(read(range, 70_000, 30_000))
          .isEqualTo(Arrays.copyOfRange(content, 70_000, 100_000));
      assertThat(read(range, 0, 1)).isEqualTo(Arrays.copyOf(content, 1));
      assertThatThrownBy(() -> read(range, 99_999, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void redirectsAreFollowed() throws IOException {
    try (HttpRange range = HttpRange.open(url("/moved"))) {
      assertThat(read(range, 5, 5)).isEqualTo(Arrays.copyOfRange(content, 5, 10));
    }
  }

  @Test
  void aLostConnectionIsTriedAgain() throws IOException {
    try (HttpRange range = HttpRange.open(url("/file"))) {
      failures = 2;
      assertThat(read(range, 1, 10)).isEqualTo(Arrays.copyOfRange(content, 1, 11));
    }
  }

  @Test
  void aServerWithoutRangesIsRefusedWithAdvice() {
    assertThatThrownBy(() -> HttpRange.open(url("/whole")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("whole files only")
        .hasMessageContaining("nginx");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> HttpRange.open(url("/nothing")))
        .hasMessageContaining("/nothing")
        .hasMessageContaining("404");
  }

  @Test
  void aFileThatIsReplacedIsNoticed() throws IOException {
    try (HttpRange range = HttpRange.open(url("/file"))) {
      tag = "\"two\"";
      assertThatThrownBy(() -> read(range, 0, 10)).hasMessageContaining("was replaced");
    }
    tag = "W/\"weak\"";
    try (HttpRange range = HttpRange.open(url("/file"))) {
      content = new byte[50_000];
      assertThatThrownBy(() -> read(range, 0, 10)).hasMessageContaining("was replaced");
    }
  }

  @Test
  void whatIsNoAddressIsRefused() {
    assertThat(HttpRange.isOne("localhost:1337")).isFalse();
    assertThatThrownBy(() -> HttpRange.open("http:///file")).hasMessageContaining("http://HOST");
    assertThatThrownBy(() -> HttpRange.open("http://a b/")).hasMessageContaining("web address");
  }
}
