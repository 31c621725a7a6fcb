package dev.architekt.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Probe} in a process of its own, for a caller that measures. Answers come back as the
 * JSON line they were: this room has no JSON library to read nested ones with, its callers do.
 *
 * <p>One thread at a time.
 */
public final class ProbeProcess implements AutoCloseable {
  /**
   * A probe must not pause for reasons of its own: no collection happens in a heap that nothing
   * fills, and one compiler thread less fights with the instance for a processor.
   */
  public static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-Xss256k", "-XX:-UsePerfData");

  private static final long START_SECONDS = 20;

  private final Process process;
  private final Writer commands;
  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(64);
  private final String name;

  private ProbeProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("probe-answers").start(this::readAnswers);
  }

  /**
   * Starts a probe and waits until it is connected.
   *
   * @param prefix put before the command, such as {@code nsenter --net=… --}; may be empty. On a
   *     machine whose processors are all busy add {@code chrt --rr 1}: else a gap may be that of
   *     the probe waiting for a processor (its {@code ownDelayMs} says so)
   * @param java the {@code java} program
   * @param modulePath where this room's module is: a folder of modules or the module itself
   * @param arguments as {@link Probe} has them
   * @throws IOException with the probe's own reason when it cannot connect
   */
  public static ProbeProcess start(
      List<String> prefix, Path java, String modulePath, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.add(java.toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(
        List.of("-p", modulePath, "-m", "dev.architekt.probe/dev.architekt.probe.Probe"));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var probe = new ProbeProcess("probe " + String.join(" ", arguments), process);
    try {
      probe.await("started", START_SECONDS);
      return probe;
    } catch (IOException | InterruptedException e) {
      probe.close();
      throw e;
    }
  }

  private void readAnswers() {
    try (var in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        answers.put(line);
      }
    } catch (IOException e) {
      // The pipe broke with the process; the reader below sees that it ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String await(String event, long seconds) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      String line = answers.poll(50, TimeUnit.MILLISECONDS);
      if (line != null) {
        if (line.startsWith("{\"event\":\"" + event + "\"")) {
          return line;
        }
        throw new IOException(name + " answered " + line + ", expected '" + event + "'");
      }
      if (!process.isAlive() && answers.isEmpty()) {
        throw new IOException(name + " ended with status " + process.exitValue());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(name + " gave no '" + event + "' within " + seconds + " s");
      }
    }
  }

  private String ask(String event, long seconds, String... fields)
      throws IOException, InterruptedException {
    Map<String, String> command = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      command.put(fields[i], fields[i + 1]);
    }
    commands.write(Json.write(command) + "\n");
    commands.flush();
    return await(event, seconds);
  }

  /** Ends the window and begins one with this label; the JSON of the one that ended. */
  public String mark(String label) throws IOException, InterruptedException {
    return ask("window", 10, "command", "mark", "label", label);
  }

  /** JSON of the window so far. */
  public String snapshot() throws IOException, InterruptedException {
    return ask("snapshot", 10, "command", "snapshot");
  }

  /** Ends the load; JSON of the last window and of the sums. The process stays, to verify. */
  public String stop() throws IOException, InterruptedException {
    return ask("stopped", 30, "command", "stop");
  }

  /**
   * After {@link #stop} of a load: reads every key back; JSON with {@code keysChecked} and {@code
   * lostWrites}.
   */
  public String verify(String redisCli, String address) throws IOException, InterruptedException {
    return ask("verified", 310, "command", "verify", "redisCli", redisCli, "address", address);
  }

  /** After {@link #stop} of a load: writes its journal to a file. */
  public void save(Path file) throws IOException, InterruptedException {
    ask("saved", 30, "command", "save", "file", file.toString());
  }

  public long pid() {
    return process.pid();
  }

  /** Ends the process, with grace if it listens. */
  @Override
  public void close() throws InterruptedException {
    try {
      commands.close();
    } catch (IOException e) {
      // It has ended already.
    }
    if (!process.waitFor(15, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
