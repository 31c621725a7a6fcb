package dev.architekt.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  @TempDir Path folder;

  @Test
  void itStaysWithinItsBoundAndKeepsTheNewestLines() throws Exception {
    Path file = folder.resolve("peer.log");
    try (LogFile log = new LogFile(file, 1000)) {
      for (int i = 0; i < 500; i++) {
        log.line("line " + i);
      }
    }
    assertThat(Files.size(file)).isBetween(1L, 1000L);
    assertThat(Files.size(LogFile.older(file))).isBetween(900L, 1000L);
    assertThat(Files.readAllLines(file).getLast()).isEqualTo("line 499");
    List<String> older = Files.readAllLines(LogFile.older(file));
    int next = Integer.parseInt(Files.readAllLines(file).getFirst().substring(5));
    assertThat(older.getLast()).as("nothing between the two").isEqualTo("line " + (next - 1));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void aLaterProcessGoesOnWithIt() throws Exception {
    Path file = folder.resolve("peer.log");
    for (String word : List.of("first", "second")) {
      try (LogFile log = new LogFile(file, 1000)) {
        log.line(word);
      }
    }
    assertThat(Files.readAllLines(file)).containsExactly("first", "second");
  }

  @Test
  void aFolderThatIsGoneStopsNobody() throws Exception {
    try (LogFile log = new LogFile(folder.resolve("no/such/folder/peer.log"), 1000)) {
      log.line("dropped");
    }
    assertThat(folder.resolve("no")).doesNotExist();
  }

  @Test
  void eventsAreKeptWithTheirTimeWhateverIsPrintedAndProgressIsNot() throws Exception {
    Path file = folder.resolve("peer.log");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Output output =
        new Output(new PrintStream(printed, true, StandardCharsets.UTF_8), false, false);
    Instant before = Instant.now().minusSeconds(1);
    try (LogFile log = new LogFile(file)) {
      output.keep(log);
      output.event("running", "it runs", "epoch", 3);
      output.progress("copying", 1, 100);
      output.note("failed", "it failed");
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("it runs\n");
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(2);
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertThat(first.path("event").asText()).isEqualTo("running");
    assertThat(first.path("epoch").asInt()).isEqualTo(3);
    assertThat(Instant.parse(first.path("at").asText())).isAfter(before);
    assertThat(lines.get(1)).contains("it failed");
  }
}
