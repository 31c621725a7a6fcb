package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables of the protocol's document are those of the code. */
class ProtocolDocTest {
  private static final Path DOCUMENT = Path.of("../docs/protocol/README.md");

  private static List<String> rows(String pattern) throws IOException {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(Files.readString(DOCUMENT))
        .results()
        .map(row -> row.group(1).replaceAll(" +", " "))
        .toList();
  }

  @Test
  void tagsAreThoseOfTheCode() throws IOException {
    assertThat(rows("^\\| (0x[0-9a-f]{2} \\| [A-Z_]+ \\| [a-z]+ \\| [0-9,]+) \\|"))
        .containsExactlyElementsOf(
            Arrays.stream(Tag.values())
                .map(tag ->
                    String.format(
                        "0x%02x | %s | %s | %,d",
                        tag.code(),
                        tag.name(),
                        tag.lanes().name().toLowerCase(java.util.Locale.ROOT),
                        tag.bytesMax()))
                .toList());
  }

  @Test
  void refusalsRightsAndCodecsAreThoseOfTheCode() throws IOException {
    assertThat(rows("^\\| (refusal \\| [0-9]+ \\| [A-Z_]+) \\|"))
        .containsExactlyElementsOf(
            Arrays.stream(Refusal.values())
                .map(refusal -> "refusal | " + refusal.code() + " | " + refusal)
                .toList());
    assertThat(rows("^\\| (right \\| [0-9]+ \\| [A-Z_]+) \\|"))
        .containsExactlyElementsOf(
            Arrays.stream(Right.values())
                .map(right -> "right | " + right.code() + " | " + right)
                .toList());
    assertThat(rows("^\\| (codec \\| [0-9]+ \\| [A-Z0-9_]+) \\|"))
        .containsExactlyElementsOf(
            Arrays.stream(Codec.values())
                .map(codec -> "codec | " + codec.code() + " | " + codec)
                .toList());
  }

  @Test
  void everyNumberedReasonIsThatOfTheCode() throws IOException {
    assertThat(rows("^\\| (reason \\| [0-9]+ \\| [A-Z_]+) \\|"))
        .containsExactlyElementsOf(
            Arrays.stream(dev.architekt.migration.message.Reason.values())
                .map(reason -> "reason | " + reason.ordinal() + " | " + reason)
                .toList());
  }
}
