package dev.architekt.node.packager;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.node.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleFeedTest {
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  @TempDir Path folder;

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String event : told.toString(StandardCharsets.UTF_8).split("\n")) {
      lines.add(new ObjectMapper().readTree(event).path("line").asText());
    }
    return lines;
  }

  @Test
  void showsWhatTheGuestSaysAndNothingThatMovesACursor() throws Exception {
    Path console = Files.writeString(folder.resolve("console.log"), "booting\r\nhalf ");
    Output output = new Output(new PrintStream(told, true, StandardCharsets.UTF_8), true, false);
    try (ConsoleFeed _ = ConsoleFeed.start(console, output)) {
      for (int i = 0; i < 500 && told.size() == 0; i++) {
        Thread.sleep(20);
      }
      assertThat(lines()).containsExactly("booting");
      Files.writeString(
          console, "a line\n\u001b[2J\u001b]0;title\u0007gone\n", StandardOpenOption.APPEND);
      Files.writeString(console, "x".repeat(5000) + "\n", StandardOpenOption.APPEND);
    }
    // Closed at once: what was there by then is shown all the same.
    assertThat(lines())
        .containsExactly(
            "booting", "half a line", "[2J]0;titlegone", "x".repeat(4096), "x".repeat(904));
  }
}
