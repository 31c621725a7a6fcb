package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineException;
import dev.architekt.hypervisor.MachineTimeoutException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One QMP connection: commands out, answers and events in, read by one thread.
 *
 * <p>Thread-safe; commands of several threads may be under way together, and QEMU does them in
 * order. A command that got no answer in time is given up here and may still be done there: its
 * late answer is dropped.
 */
public final class QmpClient implements AutoCloseable {
  /** What the reader thread calls; must return at once. */
  public interface Listener {
    void event(String name, Map<String, Object> data);

    /** A connection that had come about is over; comes once, and nothing after it. */
    void disconnected(String reason);
  }

  private static final int READ_SIZE = 64 << 10;

  private final String machine;
  private final SocketChannel channel;
  private final Listener listener;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<Map<String, Object>>> waiting =
      new ConcurrentHashMap<>();
  private final CompletableFuture<Void> greeting = new CompletableFuture<>();
  private final Object writing = new Object();
  private volatile String over;
  private volatile boolean ready;

  private QmpClient(String machine, SocketChannel channel, Listener listener) {
    this.machine = machine;
    this.channel = channel;
    this.listener = listener;
  }

  /**
   * Connects and negotiates. A QEMU that serves another client, or whose main thread waits for a
   * page, takes the connection and stays silent: that is a {@link MachineTimeoutException} after
   * {@code limit}.
   */
  public static QmpClient connect(
      String machine, UnixDomainSocketAddress address, Listener listener, Duration limit)
      throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    QmpClient client = new QmpClient(machine, channel, listener);
    Thread.ofPlatform().daemon().name("qmp-" + machine).start(client::read);
    try {
      client.await(client.greeting, "greeting", limit);
      client.execute("qmp_capabilities", Map.of(), limit);
      client.ready = true;
      return client;
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  /** Sends a command and waits for its answer; the answer's {@code return} when it is an object. */
  public Map<String, Object> execute(String command, Map<String, ?> arguments, Duration limit)
      throws IOException {
    long id = ids.incrementAndGet();
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("execute", command);
      if (!arguments.isEmpty()) {
        message.put("arguments", arguments);
      }
      message.put("id", id);
      send(command, Json.write(message));
      Map<String, Object> reply = await(answer, "\"" + command + "\"", limit);
      if (reply.containsKey("error")) {
        throw new QmpException(
            machine, command, Json.stringIn(Json.objectIn(reply, "error"), "desc"));
      }
      return Json.objectIn(reply, "return");
    } finally {
      waiting.remove(id);
    }
  }

  private void send(String command, String message) throws IOException {
    ByteBuffer line = StandardCharsets.UTF_8.encode(message + "\n");
    try {
      // A command is far smaller than the socket's buffer, so this waits only if many went
      // unanswered before.
      synchronized (writing) {
        while (line.hasRemaining()) {
          channel.write(line);
        }
      }
    } catch (IOException e) {
      throw new MachineException(
          machine + ": cannot send \"" + command + "\" to QEMU: " + reason(e), e);
    }
    if (over != null) {
      throw new MachineException(machine + ": no answer to \"" + command + "\": " + over);
    }
  }

  private <T> T await(CompletableFuture<T> answer, String what, Duration limit) throws IOException {
    try {
      return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new MachineTimeoutException(
          machine
              + ": QEMU gave no answer to "
              + what
              + " within "
              + limit.toMillis()
              + " ms; it may be waiting for a page of its memory or for a disk");
    } catch (ExecutionException e) {
      throw new MachineException(
          machine + ": no answer to " + what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(machine + ": interrupted while waiting for " + what, e);
    }
  }

  private void read() {
    LineReader lines = new LineReader(machine + ": QMP");
    ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
    String reason;
    try {
      while (channel.read(buffer) >= 0) {
        lines.append(buffer.array(), buffer.position());
        buffer.clear();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
          dispatch(Json.parse(line, 0, line.length));
        }
      }
      reason = "QEMU closed the connection";
    } catch (IOException e) {
      reason = reason(e);
    }
    over = reason;
    IOException failure = new IOException(reason);
    greeting.completeExceptionally(failure);
    waiting.values().forEach(answer -> answer.completeExceptionally(failure));
    if (ready) {
      listener.disconnected(reason);
    }
  }

  private void dispatch(Map<String, Object> message) {
    if (message.get("event") instanceof String name) {
      listener.event(name, Json.objectIn(message, "data"));
    } else if (message.containsKey("QMP")) {
      greeting.complete(null);
    } else if (message.get("id") instanceof Number id) {
      CompletableFuture<Map<String, Object>> answer = waiting.get(id.longValue());
      if (answer != null) {
        answer.complete(message);
      }
    }
    // Anything else answers a command that was given up.
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone either way, and the reader thread ends with it.
    }
  }
}
