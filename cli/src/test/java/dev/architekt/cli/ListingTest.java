package dev.architekt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.architekt.cli.text.FileTail;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listings and logs look like, to people and to programs. */
class ListingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String printed(String form, boolean json, List<?> objects) throws Exception {
    ListingOptions listing = new ListingOptions();
    listing.form = form;
    listing.json = json;
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      listing.all(objects);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void eachFormIsReadBackAsTheSame() throws Exception {
    List<Map<String, Object>> objects =
        List.of(
            Map.of("name", "redis: 7", "epoch", 3, "address", "10.77.0.50/24"),
            Map.of("name", "no", "epoch", 0, "address", "12"));
    var expected = JSON.valueToTree(objects);
    assertThat(JSON.readTree(printed("json", false, objects))).isEqualTo(expected);
    String yaml = printed("yaml", false, objects);
    assertThat(new ObjectMapper(new YAMLFactory()).readTree(yaml)).isEqualTo(expected);
    List<String> lines = printed("table", true, objects).lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(JSON.readTree(lines.get(1))).isEqualTo(expected.get(1));
  }

  @Test
  void statusSaysWhereMissingBytesAreAndWhetherMovesAreEncrypted() throws Exception {
    ObjectNode one =
        (ObjectNode)
            JSON.readTree(
                """
                {"name": "redis-server", "address": "10.77.0.50/24", "phase": "RUNNING", "epoch": 1,
                 "missingBytes": 1048576, "missingAt": "10.77.0.1:1337", "dirtyBytesPerSecond": 2048,
                 "wire": "plain", "pid": 77, "peerAlive": true, "directory": "/d"}
                """);
    ObjectNode arriving = JSON.createObjectNode().put("directory", "/e").put("peerAlive", false);
    assertThat(StatusCommand.table(List.of(one, arriving)))
        .containsExactly(
            "instance      address        state     epoch  missing                     dirty/s   wire"
                + "   peer  directory",
            "redis-server  10.77.0.50/24  running       1  1.00 MiB at 10.77.0.1:1337  2.00 KiB  plain"
                + "  77    /d",
            "-             -              arriving      -  -                           -         -"
                + "      gone  /e");
    assertThat(StatusCommand.table(List.of()).getFirst()).contains("no VM runs on this host");
  }

  @Test
  void aLogLineIsReadAsATimeAndASentenceAndATornOneAsItIs() {
    assertThat(LogsCommand.text("{\"event\":\"running\",\"text\":\"it runs\",\"at\":\"T\"}"))
        .isEqualTo("T  it runs");
    assertThat(LogsCommand.text("{\"event\":\"runn")).isEqualTo("{\"event\":\"runn");
  }

  @Test
  void aTailGoesOnWithWholeLinesAndWithTheNextFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("log");
    FileTail.Position tail = new FileTail.Position(file);
    assertThat(tail.lines()).isEmpty();
    Files.writeString(file, "one\ntw");
    assertThat(tail.lines()).containsExactly("one");
    Files.writeString(file, "o\n", StandardOpenOption.APPEND);
    assertThat(tail.lines()).containsExactly("two");
    Path next = Files.writeString(folder.resolve("next"), "three\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(tail.lines()).containsExactly("three");
    assertThat(FileTail.lines(file, 0)).isEmpty();
    assertThat(FileTail.lines(folder.resolve("none"), 5)).isEmpty();
  }
}
