package dev.architekt.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {
  @TempDir Path folder;

  @Test
  void tailIsTheLastLinesOnly() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "a\r\nb\r\n\nc\nd");
    assertThat(TextTail.of(file, 2)).isEqualTo("c\nd");
    assertThat(TextTail.of(folder.resolve("none"), 2)).isEmpty();
  }

  @Test
  void fileOverTheBoundKeepsItsEnd() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "x".repeat(9 << 20) + "end");
    TextTail.bound(file);
    assertThat(Files.size(file)).isEqualTo(512 << 10);
    assertThat(TextTail.of(file, 1)).endsWith("xend");
    TextTail.bound(file);
    assertThat(Files.size(file)).isEqualTo(512 << 10);
  }

  @Test
  void linesAreCutWhereverReadsEnd() throws Exception {
    LineReader lines = new LineReader("test");
    byte[] text = "one\ntwo\n\nthree\nrest".getBytes(StandardCharsets.UTF_8);
    StringBuilder seen = new StringBuilder();
    for (byte b : text) {
      lines.append(new byte[] {b}, 1);
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        seen.append('<').append(new String(line, StandardCharsets.UTF_8)).append('>');
      }
    }
    assertThat(seen).hasToString("<one><two><><three>");
  }

  @Test
  void longLinesGrowTheBufferUpToTheBound() throws Exception {
    LineReader lines = new LineReader("test");
    byte[] part = new byte[100_000];
    for (int i = 0; i < 41; i++) {
      lines.append(part, part.length);
      assertThat(lines.next()).isNull();
    }
    lines.append(new byte[] {'\n'}, 1);
    assertThat(lines.next()).hasSize(4_100_000);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 50; i++) {
                lines.append(part, part.length);
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void jsonIsReadAsItIsWritten() throws Exception {
    String text = Json.write(Map.of("a", List.of(1, true, "ü\n", Map.of("n", 5_000_000_000L))));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Map<String, Object> object = Json.parse(bytes, 0, bytes.length);
    assertThat(object.get("a")).isEqualTo(List.of(1, true, "ü\n", Map.of("n", 5_000_000_000L)));
    assertThat(text).doesNotContain("\n");
    for (String bad : List.of("", "[]", "{", "{}{}", "{\"a\":[1", "nonsense")) {
      byte[] wrong = bad.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> Json.parse(wrong, 0, wrong.length))
          .as(bad)
          .isInstanceOf(IOException.class);
    }
  }
}
