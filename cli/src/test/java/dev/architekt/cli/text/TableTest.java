package dev.architekt.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void numbersStandToTheRightAndWordsToTheLeft() {
    Table table = new Table("from", "gap ms", "on demand");
    table.row("node-1", "7.5", "0").row("n", "1208.0", "12");
    assertThat(table.lines())
        .containsExactly(
            "from    gap ms  on demand", "node-1     7.5          0", "n       1208.0         12");
  }

  @Test
  void aColumnIsAsWideAsItsWidestCellAndNoLineEndsInBlanks() {
    Table table = new Table("a", "name").row("x", "a long one").row("y", "b");
    assertThat(table.lines()).containsExactly("a  name", "x  a long one", "y  b");
    assertThat(table.lines()).noneMatch(line -> line.endsWith(" "));
  }

  @Test
  void aColumnWithOneWordInItIsNoColumnOfNumbers() {
    Table table = new Table("value").row("10").row("none");
    assertThat(table.lines()).containsExactly("value", "10", "none");
  }

  @Test
  void widthIsCountedInCharactersAndNotInUnitsOfUtf16() {
    Table table = new Table("x", "y").row("\uD83D\uDE00", "b").row("ab", "c");
    assertThat(table.lines().get(1)).isEqualTo("\uD83D\uDE00   b");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Table("a", "b").row("1"))
        .withMessageContaining("1 cells in a table of 2");
  }

  @Test
  void coloursAreForTerminalsOnly() {
    assertThat(new Terminal(false, false).bad("no")).isEqualTo("no");
    assertThat(new Terminal(true, true).bad("no")).startsWith("\u001b[31m").endsWith("\u001b[0m");
  }
}
