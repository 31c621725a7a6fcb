package dev.architekt.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Reads every key of a journal back with {@code redis-cli}, a reader that shares no code with the
 * writer, and compares.
 */
public final class JournalVerifier {
  private static final int KEYS_PER_COMMAND = 64;
  private static final int EXAMPLES_MAX = 10;

  private final String redisCli;
  private final InetSocketAddress address;
  private final long limitSeconds;

  /**
   * @param redisCli the program
   * @param limitSeconds for reading everything back
   */
  public JournalVerifier(String redisCli, InetSocketAddress address, long limitSeconds) {
    this.redisCli = redisCli;
    this.address = address;
    this.limitSeconds = limitSeconds;
  }

  /**
   * @param keysChecked that were written to at least once
   * @param lostWrites keys whose last acknowledged write is not there, nor a later one that was
   *     sent
   * @param examples of lost writes, in words; at most 10
   */
  public record Result(int keysChecked, int lostWrites, List<String> examples) {
    Map<String, Object> toJson() {
      var json = new LinkedHashMap<String, Object>();
      json.put("keysChecked", keysChecked);
      json.put("lostWrites", lostWrites);
      json.put("examples", examples);
      return json;
    }
  }

  /**
   * @throws IOException when redis-cli is missing, fails, runs too long or answers what it should
   *     not
   */
  public Result verify(Journal journal) throws IOException, InterruptedException {
    List<Integer> keys = new ArrayList<>();
    for (int key = 0; key < journal.keys(); key++) {
      if (journal.lastSent(key) > 0) {
        keys.add(key);
      }
    }
    Path commands = Files.createTempFile("architekt-verify-", ".txt");
    Path errors = Files.createTempFile("architekt-verify-", ".err");
    try {
      Files.write(commands, commands(keys), StandardCharsets.US_ASCII);
      Process process =
          new ProcessBuilder(
                  redisCli,
                  "-h",
                  address.getHostString(),
                  "-p",
                  Integer.toString(address.getPort()),
                  "--no-raw")
              .redirectInput(commands.toFile())
              .redirectError(errors.toFile())
              .start();
      // A guest that hangs must not hang this: ending the process ends its output.
      process
          .onExit()
          .orTimeout(limitSeconds, TimeUnit.SECONDS)
          .exceptionally(late -> {
            process.destroyForcibly();
            return process;
          });
      Result result;
      try (var answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
        result = compare(journal, keys, answers);
      } catch (IOException e) {
        process.destroyForcibly();
        throw new IOException(e.getMessage() + end(Files.readString(errors)), e);
      }
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(
            redisCli + " ended with status " + status + end(Files.readString(errors)));
      }
      return result;
    } finally {
      Files.delete(commands);
      Files.delete(errors);
    }
  }

  private static String end(String errors) {
    return errors.isBlank() ? "" : "; it said: " + errors.strip();
  }

  private static List<String> commands(List<Integer> keys) {
    List<String> commands = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += KEYS_PER_COMMAND) {
      StringBuilder command = new StringBuilder("MGET");
      for (int key : keys.subList(from, Math.min(keys.size(), from + KEYS_PER_COMMAND))) {
        command.append(' ').append(Journal.name(key));
      }
      commands.add(command.toString());
    }
    return commands;
  }

  private Result compare(Journal journal, List<Integer> keys, BufferedReader answers)
      throws IOException {
    int lost = 0;
    List<String> examples = new ArrayList<>();
    for (int key : keys) {
      String line = element(answers);
      if (line == null) {
        throw new IOException(
            redisCli
                + " stopped answering before "
                + Journal.name(key)
                + " (within "
                + limitSeconds
                + " s)");
      }
      String wrong = wrong(journal, key, value(line));
      if (wrong != null) {
        lost++;
        if (examples.size() < EXAMPLES_MAX) {
          examples.add(Journal.name(key) + " " + wrong);
        }
      }
    }
    return new Result(keys.size(), lost, List.copyOf(examples));
  }

  /** The next line but those in which redis-cli says how long a slow answer took. */
  static String element(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    while (line != null && line.matches("\\([0-9]+\\.[0-9]{2}s\\)")) {
      line = answers.readLine();
    }
    return line;
  }

  private static String wrong(Journal journal, int key, byte[] value) {
    long acknowledged = journal.lastAcknowledged(key);
    long sent = journal.lastSent(key);
    String expected = ", expected write " + acknowledged + " to " + sent;
    if (value == null) {
      return acknowledged == 0 ? null : "is not there" + expected;
    }
    long found = Values.sequenceOf(value, journal.seed(), key, journal.valueBytes());
    if (found < 0) {
      return "holds bytes that nobody wrote" + expected;
    }
    return found < acknowledged || found > sent ? "holds write " + found + expected : null;
  }

  /**
   * An element of redis-cli's answer, {@code 12) "..."} or {@code 12) (nil)}; null for the latter.
   */
  static byte[] value(String line) throws IOException {
    int bracket = line.indexOf(") ");
    if (bracket < 0 || !line.substring(0, bracket).strip().matches("[0-9]+")) {
      throw new IOException("redis-cli answered '" + line + "', expected the element of a list");
    }
    String text = line.substring(bracket + 2);
    if (text.equals("(nil)")) {
      return null;
    }
    if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
      throw new IOException("redis-cli answered '" + text + "', expected a quoted string");
    }
    byte[] bytes = new byte[text.length()];
    int count = 0;
    int last = text.length() - 1;
    for (int i = 1; i < last; i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        bytes[count++] = (byte) c;
        continue;
      }
      c = text.charAt(++i);
      switch (c) {
        case 'n' -> bytes[count++] = '\n';
        case 'r' -> bytes[count++] = '\r';
        case 't' -> bytes[count++] = '\t';
        case 'a' -> bytes[count++] = 7;
        case 'b' -> bytes[count++] = '\b';
        case 'x' -> {
          bytes[count++] = (byte) Integer.parseInt(text.substring(i + 1, i + 3), 16);
          i += 2;
        }
        default -> bytes[count++] = (byte) c;
      }
    }
    return java.util.Arrays.copyOf(bytes, count);
  }
}
