package dev.architekt.it.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each message that docs/messages.md explains is one that the program still says. */
class MessagesTest {
  private static final Path ROOT = GuestPrograms.projectRoot();
  private static final String HEADING = "### `";

  @Test
  void everyMessageThatIsExplainedIsSaid() throws IOException {
    List<String> sources = sources();
    List<String> missing = new ArrayList<>();
    int messages = 0;
    for (String line : Files.readAllLines(ROOT.resolve("docs/messages.md"))) {
      if (!line.startsWith(HEADING)) {
        continue;
      }
      messages++;
      String message = line.substring(HEADING.length(), line.lastIndexOf('`'));
      List<String> parts = Stream.of(message.split("…")).filter(part -> !part.isBlank()).toList();
      if (sources.stream().noneMatch(source -> parts.stream().allMatch(source::contains))) {
        missing.add(message);
      }
    }
    assertThat(messages).isGreaterThan(10);
    assertThat(missing).as("explained in docs/messages.md, said nowhere in the sources").isEmpty();
  }

  /** With literals that are put together joined. */
  private static List<String> sources() throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*/src/main/java/.*\\.java")).toList()) {
        texts.add(Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", ""));
      }
    }
    return texts;
  }
}
