package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.GuestAgent;
import dev.architekt.hypervisor.GuestAgentException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** qemu-ga's protocol: one JSON object a line, over the virtio-serial port of that name. */
final class QemuGuestAgent implements GuestAgent, AutoCloseable {
  /** Makes the guest's parser forget half a message, and marks the answer that belongs to us. */
  private static final byte DELIMITER = (byte) 0xff;

  private static final long POLL_MILLIS_MIN = 2;
  private static final long POLL_MILLIS_MAX = 50;
  private static final Duration SYNC_PATIENCE = Duration.ofMillis(500);

  private final String machine;
  private final RunFolder folder;
  private final ReentrantLock conversation = new ReentrantLock();
  // Only the write of one request happens under this, so that a pause waits for nothing longer.
  private final Object gateLock = new Object();
  private boolean open;
  private volatile AgentChannel channel;
  private boolean inStep;

  QemuGuestAgent(String machine, RunFolder folder) {
    this.machine = machine;
    this.folder = folder;
  }

  /** Whether requests may be written. Closed before a pause, opened after a resume. */
  void gate(boolean open) {
    synchronized (gateLock) {
      this.open = open;
    }
  }

  /** Connects now, if that is possible; else the first command tries again. */
  void connect() {
    conversation.lock();
    try {
      channel();
    } catch (IOException e) {
      channel = null;
    } finally {
      conversation.unlock();
    }
  }

  @Override
  public void ping(Duration limit) throws IOException {
    talk("guest-ping", limit, deadline -> call("guest-ping", Map.of(), deadline));
  }

  @Override
  public Result run(List<String> command, Duration limit) throws IOException {
    return talk("guest-exec " + command.getFirst(), limit, deadline -> execute(command, deadline));
  }

  @Override
  public Duration clockBehind(Duration limit) throws IOException {
    return talk("guest-get-time", limit, deadline -> new GuestClock(this).behind(deadline));
  }

  @Override
  public Duration stepClockForward(Duration limit) throws IOException {
    return talk("the guest's clock", limit, deadline -> new GuestClock(this).stepForward(deadline));
  }

  /** Starts a program in the guest and returns; its process id there. */
  Object start(List<String> command, long deadline) throws IOException {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("path", command.getFirst());
    arguments.put("arg", command.subList(1, command.size()));
    arguments.put("capture-output", true);
    return Json.objectIn(call("guest-exec", arguments, deadline), "return").get("pid");
  }

  Result execute(List<String> command, long deadline) throws IOException {
    Object pid = start(command, deadline);
    long pause = POLL_MILLIS_MIN;
    while (true) {
      Map<String, Object> status =
          Json.objectIn(call("guest-exec-status", Map.of("pid", pid), deadline), "return");
      if (Boolean.TRUE.equals(status.get("exited"))) {
        // A program that a signal ended has no exit code; the shell's convention for it then.
        int exit =
            status.get("exitcode") instanceof Number code
                ? code.intValue()
                : 128 + (status.get("signal") instanceof Number signal ? signal.intValue() : 0);
        return new Result(exit, text(status, "out-data"), text(status, "err-data"));
      }
      sleep(pause, deadline);
      pause = Math.min(POLL_MILLIS_MAX, 2 * pause);
    }
  }

  private static String text(Map<String, Object> status, String key) {
    byte[] bytes = Base64.getMimeDecoder().decode(Json.stringIn(status, key));
    return new String(bytes, 0, Math.min(bytes.length, Result.OUTPUT_MAX), StandardCharsets.UTF_8);
  }

  private static void sleep(long millis, long deadline) throws IOException {
    if (System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis) > deadline) {
      throw new AgentChannel.SilenceException();
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the guest", e);
    }
  }

  /** One command and its whole answer, an error of the guest's included as an exception. */
  Map<String, Object> call(String command, Map<String, ?> arguments, long deadline)
      throws IOException {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("execute", command);
    if (!arguments.isEmpty()) {
      message.put("arguments", arguments);
    }
    send((Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8));
    byte[] line = channel().receive(deadline);
    Map<String, Object> answer = Json.parse(line, 0, line.length);
    if (answer.containsKey("error")) {
      throw new RefusedException(Json.stringIn(Json.objectIn(answer, "error"), "desc"));
    }
    return answer;
  }

  /** The guest's agent understood a command and said no; the conversation is still in step. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String description) {
      super(description);
    }
  }

  private interface Conversation<T> {
    T with(long deadline) throws IOException;
  }

  private <T> T talk(String what, Duration limit, Conversation<T> conversationOf)
      throws IOException {
    long deadline = AgentChannel.deadline(limit);
    try {
      if (!conversation.tryLock(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new GuestAgentException(machine + ": " + what + ": another command takes too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GuestAgentException(machine + ": " + what + ": interrupted", e);
    }
    try {
      synchronise(deadline);
      return conversationOf.with(deadline);
    } catch (RefusedException e) {
      throw new GuestAgentException(
          machine + ": " + what + ": the guest's agent refused: " + e.getMessage(), e);
    } catch (AgentChannel.SilenceException e) {
      inStep = false;
      throw new GuestAgentException(
          machine
              + ": "
              + what
              + ": no answer from the guest's agent within "
              + limit.toMillis()
              + " ms; does qemu-guest-agent run in the guest?",
          e);
    } catch (GuestAgentException e) {
      inStep = false;
      throw e;
    } catch (IOException e) {
      inStep = false;
      hangUp();
      throw new GuestAgentException(machine + ": " + what + ": " + e.getMessage(), e);
    } finally {
      conversation.unlock();
    }
  }

  /**
   * After a lost answer, and at the start, makes sure that the next answer belongs to the next
   * question.
   */
  private void synchronise(long deadline) throws IOException {
    while (!inStep) {
      long id = ThreadLocalRandom.current().nextLong(1L << 50);
      Map<String, Object> message =
          Map.of("execute", "guest-sync-delimited", "arguments", Map.of("id", id));
      byte[] text = (Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream delimited = new ByteArrayOutputStream();
      delimited.write(DELIMITER);
      delimited.writeBytes(text);
      send(delimited.toByteArray());
      // Asked again now and then: what is sent before the guest has opened its end is lost.
      long attempt = Math.min(deadline, AgentChannel.deadline(SYNC_PATIENCE));
      try {
        inStep = awaitSync(id, attempt);
      } catch (AgentChannel.SilenceException e) {
        if (attempt == deadline) {
          throw e;
        }
      }
    }
  }

  private boolean awaitSync(long id, long deadline) throws IOException {
    while (true) {
      byte[] line = channel().receive(deadline);
      int start = line.length;
      while (start > 0 && line[start - 1] != DELIMITER) {
        start--;
      }
      if (start == 0) {
        continue; // an answer to somebody else, without the mark
      }
      Map<String, Object> answer = Json.parse(line, start, line.length - start);
      if (answer.get("return") instanceof Number number && number.longValue() == id) {
        return true;
      }
    }
  }

  private void send(byte[] message) throws IOException {
    AgentChannel to = channel();
    synchronized (gateLock) {
      if (!open) {
        throw new GuestAgentException(
            machine + ": its guest stands still, so its agent cannot be asked");
      }
      to.send(message);
    }
  }

  private AgentChannel channel() throws IOException {
    if (channel == null) {
      channel = new AgentChannel(machine, folder.address("agent.sock"));
      inStep = false;
    }
    return channel;
  }

  private void hangUp() {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  @Override
  public void close() {
    gate(false);
    AgentChannel last = channel;
    if (last != null) {
      last.close();
    }
  }

  @Override
  public String toString() {
    return machine + "'s agent";
  }
}
