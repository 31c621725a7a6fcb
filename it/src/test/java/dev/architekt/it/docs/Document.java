package dev.architekt.it.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A document's blocks of commands, and what the comment above each says about running it:
 *
 * <pre>
 *   &lt;!-- run: node-1 --&gt;               each command to its end, on host node-1
 *   &lt;!-- run: node-1 as registry --&gt;   the last command stays, in a terminal of that name
 *   &lt;!-- run: node-1, slow --&gt;         only where there is time for it
 *   &lt;!-- not run: REASON --&gt;           not at all
 * </pre>
 *
 * In a block, {@code $ } begins a command and {@code ^C} is that key; all else is output, of which
 * {@code …} leaves something out.
 */
record Document(Path file, List<Block> blocks) {
  private static final Pattern RUN =
      Pattern.compile("<!-- run: ([a-z0-9-]+)(?: as ([a-z0-9-]+))?(, slow)? -->");
  private static final Pattern NOT_RUN = Pattern.compile("<!-- not run: .+ -->");

  /** A command or a key, and the output that is shown after it. */
  record Step(Optional<String> command, boolean interrupt, List<String> shown) {}

  record Block(
      int line,
      String host,
      Optional<String> terminal,
      boolean slow,
      boolean run,
      List<Step> steps) {}

  /** Reads a document; a block with commands but no comment is an error. */
  static Document read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<Block> blocks = new ArrayList<>();
    for (int begin = 0; begin < lines.size(); begin++) {
      if (!lines.get(begin).startsWith("```")) {
        continue;
      }
      int end = begin + 1;
      while (end < lines.size() && !lines.get(end).startsWith("```")) {
        end++;
      }
      String comment = begin == 0 ? "" : lines.get(begin - 1);
      List<String> body = lines.subList(begin + 1, end);
      Matcher run = RUN.matcher(comment);
      boolean marked = run.matches();
      if (!marked
          && !NOT_RUN.matcher(comment).matches()
          && body.stream().anyMatch(Document::types)) {
        throw new IOException(
            "%s:%d: say above this block on which host a test runs it: <!-- run: HOST -->"
                .formatted(file, begin + 1));
      }
      if (marked) {
        blocks.add(
            new Block(
                begin + 1,
                run.group(1),
                Optional.ofNullable(run.group(2)),
                run.group(3) != null,
                true,
                steps(body)));
      }
      begin = end;
    }
    return new Document(file, blocks);
  }

  private static boolean types(String line) {
    return line.startsWith("$ ") || line.matches("(\\./)?architekt .*");
  }

  private static List<Step> steps(List<String> body) {
    List<Step> steps = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    Step current = new Step(Optional.empty(), false, shown);
    steps.add(current);
    for (String line : body) {
      if (line.startsWith("$ ") || line.equals("^C")) {
        shown = new ArrayList<>();
        boolean key = line.equals("^C");
        steps.add(new Step(key ? Optional.empty() : Optional.of(line.substring(2)), key, shown));
      } else if (!line.isBlank()) {
        shown.add(line);
      }
    }
    steps.removeIf(step -> step.command().isEmpty() && !step.interrupt() && step.shown().isEmpty());
    return steps;
  }
}
