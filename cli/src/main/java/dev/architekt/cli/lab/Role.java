package dev.architekt.cli.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * An ordinary {@code architekt} command as a process of its own, which prints one JSON object a
 * line.
 */
public final class Role implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Process process;
  private final PrintStream commands;
  private final List<JsonNode> events = new ArrayList<>();
  private final StringBuilder errors = new StringBuilder();
  private int taken;

  private Role(String name, Process process) {
    this.name = name;
    this.process = process;
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Starts it; {@code command} is complete. */
  public static Role start(String name, List<String> command) throws IOException {
    Role role = new Role(name, new ProcessBuilder(command).start());
    Thread.ofVirtual().start(role::readEvents);
    Thread.ofVirtual().start(role::readErrors);
    return role;
  }

  private void readEvents() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode event = JSON.readTree(line);
        synchronized (events) {
          events.add(event);
          events.notifyAll();
        }
      }
    } catch (IOException e) {
      note(e.getMessage());
    }
    synchronized (events) {
      events.notifyAll();
    }
  }

  private void readErrors() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        note(line);
      }
    } catch (IOException e) {
      note(e.getMessage());
    }
  }

  private void note(String line) {
    synchronized (errors) {
      errors.append(line).append('\n');
    }
  }

  /**
   * The next event called {@code event}, skipping others; fails when the process ends first or time
   * runs out.
   */
  public JsonNode await(String event, Duration limit) throws IOException, InterruptedException {
    return await(node -> node.path("event").asText().equals(event), event, limit);
  }

  private JsonNode await(Predicate<JsonNode> wanted, String what, Duration limit)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (events) {
      while (true) {
        while (taken < events.size()) {
          JsonNode event = events.get(taken++);
          if (wanted.test(event)) {
            return event;
          }
          if (event.path("event").asText().equals("failed")) {
            throw new IOException(name + ": " + event.path("reason").asText());
          }
        }
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0 || !process.isAlive() && taken >= events.size()) {
          throw new IOException(
              name
                  + (left <= 0
                      ? " said no \"" + what + "\" within " + limit.toSeconds() + " s"
                      : " ended")
                  + ": "
                  + errorText());
        }
        events.wait(Math.min(left, 200));
      }
    }
  }

  /** Sends a command line and returns the answer's event. */
  public JsonNode ask(String json, String answer, Duration limit)
      throws IOException, InterruptedException {
    commands.println(json);
    return await(answer, limit);
  }

  /** All that it has said so far, oldest first. */
  public List<JsonNode> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
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
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
