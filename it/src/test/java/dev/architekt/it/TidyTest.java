package dev.architekt.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The source as text: nothing unfinished, nothing unexplained, no dead links. Each failure says
 * what to do instead.
 */
@Tag("quick")
class TidyTest {
  /** Past this a file holds more than one idea. */
  private static final int LINES_MAX = 400;

  /** Files that are longer, and may only become shorter: each is one durable format. */
  private static final Map<String, Integer> LINES_ALLOWED = Map.of("LocalStore.java", 550);

  /** Files that may do what is banned, each for the reason beside it. */
  private static final Set<String> EXCEPTIONS =
      Set.of(
          "TidyTest.java", // spells the bans out
          "Scratch.java"); // writes from a shutdown hook, when loggers may be gone

  // Put together here, so that this file does not find itself.
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+?)\\s*$");

  /** A pattern, where it is banned, and what to do instead. */
  private record Ban(Pattern pattern, Pattern files, String instead) {
    static Ban of(String pattern, String files, String instead) {
      return new Ban(Pattern.compile(pattern), Pattern.compile(files), instead);
    }
  }

  private static final String LIBRARIES =
      "(linux|region|mount|archive|nbd|hypervisor|hypervisor-qemu|network|migration|node)/src/main/.*";

  private static final List<Ban> BANS =
      List.of(
          Ban.of(
              "System\\.(out|err)\\b",
              LIBRARIES,
              "report through System.Logger or give the text back to the caller"),
          Ban.of("printStackTrace\\(", ".*", "log it or pass it on as the cause"),
          Ban.of("System\\.exit\\(", LIBRARIES, "throw, and let the command choose its status"),
          Ban.of("--enable-preview", ".*(xml|sh|dev|architekt)", "use final features only"),
          Ban.of(
              "import org\\.mockito|import static org\\.mockito",
              ".*",
              "write a fake, in testkit if others can use it"),
          Ban.of(
              "@Disabled", ".*\\.java", "mend the test or remove it; skip by assumption, visibly"));

  @Test
  void nothingIsLeftUnfinished() {
    List<String> wrong = new ArrayList<>();
    House.sources(".java", ".xml", ".md", ".sh", ".py", "/dev", "/architekt")
        .forEach((file, text) ->
            lines(
                text,
                (line, number) -> {
                  if (UNFINISHED.matcher(line).find()) {
                    wrong.add(
                        "%s:%d: finish it, or say in SPECIFICATION that it is pending"
                            .formatted(file, number));
                  }
                }));
    assertThat(wrong).isEmpty();
  }

  @Test
  void bannedCallsHaveReplacements() {
    List<String> wrong = new ArrayList<>();
    House.sources(".java", ".xml", ".sh", "/dev", "/architekt")
        .forEach((file, text) -> {
          for (Ban ban : BANS) {
            if (EXCEPTIONS.contains(file.getFileName().toString())
                || !ban.files.matcher(file.toString()).matches()) {
              continue;
            }
            lines(
                text,
                (line, number) -> {
                  if (ban.pattern.matcher(line).find()) {
                    wrong.add("%s:%d: %s: %s".formatted(file, number, line.strip(), ban.instead));
                  }
                });
          }
        });
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    Set<String> wrong = new TreeSet<>();
    for (Path file : House.sources(".java").keySet()) {
      Path folder = file.getParent();
      boolean product = file.toString().contains("/src/main/java/dev/");
      if (product && !Files.exists(House.ROOT.resolve(folder).resolve("package-info.java"))) {
        wrong.add(folder + ": add a package-info.java with purpose, drawing and threads");
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void filesHoldOneIdea() {
    List<String> wrong = new ArrayList<>();
    House.sources(".java")
        .forEach((file, text) -> {
          long count = text.lines().count();
          int allowed = LINES_ALLOWED.getOrDefault(file.getFileName().toString(), LINES_MAX);
          if (file.toString().contains("/src/main/") && count > allowed) {
            wrong.add(
                "%s has %d lines: find the second idea in it and give it a file of its own"
                    .formatted(file, count));
          }
        });
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyTestHasARightName() throws Exception {
    // Surefire runs *Test only; a file with tests under another name would never run.
    List<String> wrong = new ArrayList<>();
    Pattern test = Pattern.compile("(?m)^\\s*@(Test|ParameterizedTest|RepeatedTest)\\b");
    House.sources(".java")
        .forEach((file, text) -> {
          String name = file.getFileName().toString();
          if (test.matcher(text).find() && !name.matches(".*(Test|Tests)\\.java|Test.*\\.java")) {
            wrong.add(file + ": name it " + name.replace(".java", "Test.java"));
          }
        });
    assertThat(wrong).isEmpty();
  }

  @Test
  void linksInDocumentsLeadSomewhere() {
    Map<Path, String> documents = House.sources(".md");
    List<String> wrong = new ArrayList<>();
    documents.forEach((file, text) -> {
      Matcher links = LINK.matcher(FENCE.matcher(text).replaceAll(""));
      while (links.find()) {
        String link = links.group(1);
        if (link.matches("[a-z]+:.*")) {
          continue; // another site
        }
        String path = link.replaceFirst("#.*", "");
        Path target =
            path.isEmpty() ? file : Path.of("").resolve(file).resolveSibling(path).normalize();
        if (!Files.exists(House.ROOT.resolve(target))) {
          wrong.add(file + ": " + link + ": mend the link or remove it; no such file");
        } else if (link.contains("#") && target.toString().endsWith(".md")) {
          String anchor = link.substring(link.indexOf('#') + 1);
          if (!anchors(House.text(House.ROOT.resolve(target))).contains(anchor)) {
            wrong.add(file + ": " + link + ": mend the anchor; no such heading");
          }
        }
      }
    });
    assertThat(wrong).isEmpty();
  }

  private static Set<String> anchors(String document) {
    Set<String> anchors = new TreeSet<>();
    Matcher headings = HEADING.matcher(FENCE.matcher(document).replaceAll(""));
    while (headings.find()) {
      String anchor =
          headings
              .group(1)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      String unique = anchor;
      for (int n = 1; !anchors.add(unique); n++) {
        unique = anchor + "-" + n;
      }
    }
    return anchors;
  }

  @Test
  void commandsAreExecutable() throws Exception {
    for (String command : List.of("architekt", "dev")) {
      Path file = House.ROOT.resolve(command);
      assertThat(Files.isExecutable(file)).as("chmod +x " + command).isTrue();
      try (Stream<String> lines = Files.lines(file)) {
        assertThat(lines.findFirst().orElse("")).as(command + "'s first line").startsWith("#!");
      }
    }
  }

  private interface Line {
    void at(String line, int number);
  }

  private static void lines(String text, Line action) {
    int number = 0;
    for (String line : text.split("\n", -1)) {
      action.at(line, ++number);
    }
  }
}
