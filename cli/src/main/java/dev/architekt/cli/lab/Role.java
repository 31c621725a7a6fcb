package dev.architekt.cli.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An ordinary {@code architekt} command as a process of its own, which prints one JSON object a
 * line. Thread-safe; answers go to who asked, because one asks at a time.
 */
public final class Role implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ERRORS_MAX = 64 << 10;
  private static final long GRACE_SECONDS = 40;

  /** The exit status of a process that a signal ended, less the signal's number. */
  private static final int SIGNALLED = 128;

  /** Hears everything a role says, from the threads that read it. */
  public interface Listener {
    /** An event; also those that nobody waits for. */
    void event(Role role, JsonNode event);

    /** A line on standard error. */
    void error(Role role, String line);

    /** Hears nothing. */
    Listener NONE =
        new Listener() {
          @Override
          public void event(Role role, JsonNode event) {}

          @Override
          public void error(Role role, String line) {}
        };
  }

  private final String name;
  private final Process process;
  private final Listener listener;
  private final PrintStream commands;
  private final Deque<JsonNode> events = new ArrayDeque<>();
  private final StringBuilder errors = new StringBuilder();
  private boolean outputEnded;

  private Role(String name, Process process, Listener listener) {
    this.name = name;
    this.process = process;
    this.listener = listener;
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Starts it; {@code command} is complete. */
  public static Role start(String name, List<String> command) throws IOException {
    return start(name, command, Listener.NONE);
  }

  public static Role start(String name, List<String> command, Listener listener)
      throws IOException {
    Role role = new Role(name, new ProcessBuilder(command).start(), listener);
    // A virtual thread that waits for a pipe holds its carrier: a few roles would need them all.
    Thread.ofPlatform().daemon().name("role-events").start(role::readEvents);
    Thread.ofPlatform().daemon().name("role-errors").start(role::readErrors);
    return role;
  }

  public String name() {
    return name;
  }

  private void readEvents() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        take(line);
      }
    } catch (IOException e) {
      note(e.getMessage());
    }
    synchronized (events) {
      outputEnded = true;
      events.notifyAll();
    }
  }

  private void take(String line) {
    JsonNode event;
    try {
      event = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      note(line);
      return;
    }
    listener.event(this, event);
    if (event.path("event").asText().equals("progress")) {
      return; // nobody waits for one, and there are many
    }
    synchronized (events) {
      events.add(event);
      events.notifyAll();
    }
  }

  private void readErrors() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        note(line);
        listener.error(this, line);
      }
    } catch (IOException e) {
      note(e.getMessage());
    }
  }

  private void note(String line) {
    synchronized (errors) {
      if (errors.length() < ERRORS_MAX) {
        errors.append(line).append('\n');
      }
    }
  }

  /**
   * The next event called {@code event}, skipping others; fails when the process ends first or time
   * runs out.
   */
  public synchronized JsonNode await(String event, Duration limit)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (events) {
      while (true) {
        while (!events.isEmpty()) {
          JsonNode next = events.poll();
          if (next.path("event").asText().equals(event)) {
            return next;
          }
          if (next.path("event").asText().equals("failed")) {
            throw new IOException(name + ": " + next.path("reason").asText());
          }
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (outputEnded) {
          throw new IOException(name + " ended" + lastWords());
        }
        if (left <= 0) {
          throw new IOException(
              name + " said no \"" + event + "\" within " + limit.toSeconds() + " s" + lastWords());
        }
        events.wait(left);
      }
    }
  }

  /** Its error text may still be on its way when its output has ended. */
  private String lastWords() throws InterruptedException {
    if (outputEnded && process.waitFor(2, TimeUnit.SECONDS)) {
      Thread.sleep(50);
    }
    String text = errorText();
    if (text.isEmpty() && outputEnded && !process.isAlive()) {
      return " without a word, with status " + process.exitValue() + killed(process.exitValue());
    }
    return text.isEmpty() ? "" : ": " + text.replaceFirst("^architekt: ", "");
  }

  private static String killed(int status) {
    return status > SIGNALLED ? " (signal " + (status - SIGNALLED) + ")" : "";
  }

  /** Sends a command line and returns the answer's event. */
  public synchronized JsonNode ask(String json, String answer, Duration limit)
      throws IOException, InterruptedException {
    commands.println(json);
    return await(answer, limit);
  }

  public String errorText() {
    synchronized (errors) {
      return errors.toString().strip();
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end by itself; the exit status. */
  public int awaitEnd(Duration limit) throws IOException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(name + " does not end within " + limit.toSeconds() + " s");
    }
    return process.exitValue();
  }

  /** SIGTERM, then SIGKILL after 40 s. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
