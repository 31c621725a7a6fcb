package dev.architekt.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineTimeoutException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that misbehaves in ways that a real QEMU rarely does. */
@Timeout(30)
class QmpClientTest {
  private static final String GREETING = "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\n";
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(10);

  @TempDir Path folder;
  private UnixDomainSocketAddress address;
  private ServerSocketChannel server;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final QmpClient.Listener listener =
      new QmpClient.Listener() {
        @Override
        public void event(String name, Map<String, Object> data) {
          heard.add(name + data);
        }

        @Override
        public void disconnected(String reason) {
          heard.add("disconnected: " + reason);
        }
      };

  @BeforeEach
  void listen() throws IOException {
    address = UnixDomainSocketAddress.of(folder.resolve("qmp.sock"));
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private interface Answers {
    /** The line to send for the command with this id; null for silence. */
    String to(String command, String id);
  }

  private void serve(String greeting, Answers answers) {
    Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel client = server.accept();
              Scanner lines =
                  new Scanner(Channels.newInputStream(client), StandardCharsets.UTF_8)) {
            send(client, greeting);
            while (lines.hasNextLine()) {
              String line = lines.nextLine();
              String id = line.replaceAll(".*\"id\":(\\d+).*", "$1");
              String command = line.replaceAll(".*\"execute\":\"([^\"]+)\".*", "$1");
              String answer = command.equals("qmp_capabilities") ? ok(id) : answers.to(command, id);
              if (answer != null) {
                send(client, answer);
              }
            }
          } catch (IOException e) {
            // The client went away: the test is over.
          }
        });
  }

  private static String ok(String id) {
    return "{\"return\":{},\"id\":" + id + "}\n";
  }

  private static void send(SocketChannel client, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private QmpClient connect() throws IOException {
    return QmpClient.connect("vm", address, listener, LONG);
  }

  @Test
  void silenceIsATimeoutThatNamesTheCommand() throws Exception {
    serve(GREETING, (command, id) -> command.equals("stop") ? null : ok(id));
    try (QmpClient qmp = connect()) {
      assertThatThrownBy(() -> qmp.execute("stop", Map.of(), SHORT))
          .isInstanceOf(MachineTimeoutException.class)
          .hasMessageContainingAll("vm", "\"stop\"", "200 ms");
      assertThat(qmp.execute("query-status", Map.of(), LONG)).isEmpty();
    }
  }

  @Test
  void missingGreetingIsATimeoutAndNobodyIsToldOfAConnection() throws Exception {
    serve("", (command, id) -> null);
    assertThatThrownBy(() -> QmpClient.connect("vm", address, listener, SHORT))
        .isInstanceOf(MachineTimeoutException.class)
        .hasMessageContaining("greeting");
    assertThat(heard.poll(200, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void eventsBeforeAnAnswerAreHeardBeforeIt() throws Exception {
    serve(GREETING, (command, id) -> "{\"event\":\"STOP\",\"data\":{\"a\":1}}\n" + ok(id));
    try (QmpClient qmp = connect()) {
      qmp.execute("stop", Map.of(), LONG);
      assertThat(heard.poll()).isEqualTo("STOP{a=1}");
    }
  }

  @Test
  void refusalNamesCommandAndReason() throws Exception {
    serve(
        GREETING,
        (command, id) -> "{\"error\":{\"class\":\"G\",\"desc\":\"not now\"},\"id\":" + id + "}\n");
    try (QmpClient qmp = connect()) {
      assertThatThrownBy(() -> qmp.execute("cont", Map.of(), LONG))
          .hasMessageContainingAll("\"cont\"", "not now");
    }
  }

  @Test
  void endlessLineEndsTheConnection() throws Exception {
    serve(GREETING, (command, id) -> "x".repeat(LineReader.LINE_MAX + 10));
    try (QmpClient qmp = connect()) {
      assertThatThrownBy(() -> qmp.execute("stop", Map.of(), LONG))
          .isInstanceOf(MachineException.class)
          .hasMessageContaining("a line of more than");
      assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("disconnected");
    }
  }

  @Test
  void nonsenseAndDepthEndTheConnection() throws Exception {
    serve(GREETING, (command, id) -> "[".repeat(5000) + "\n");
    try (QmpClient qmp = connect()) {
      assertThatThrownBy(() -> qmp.execute("stop", Map.of(), LONG))
          .isInstanceOf(MachineException.class);
      assertThat(heard.poll(10, TimeUnit.SECONDS)).startsWith("disconnected");
    }
  }

  @Test
  void endOfTheOtherSideFailsWhatIsWaiting() throws Exception {
    try (ServerSocketChannel closing = server) {
      Thread.ofVirtual()
          .start(() -> {
            try (SocketChannel client = closing.accept()) {
              send(client, GREETING);
              client.read(ByteBuffer.allocate(1000));
              send(client, ok("1"));
              client.read(ByteBuffer.allocate(1000));
            } catch (IOException e) {
              // Closed from outside.
            }
          });
      try (QmpClient qmp = connect()) {
        assertThatThrownBy(() -> qmp.execute("stop", Map.of(), LONG))
            .isInstanceOf(MachineException.class)
            .hasMessageContainingAll("\"stop\"", "closed the connection");
      }
    }
  }
}
