package dev.architekt.it.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A document's output is recognised by its words; figures may differ, words may not. */
class ShapeTest {
  private static boolean fits(String shown, String actual) {
    return new Shape(shown).match(actual).isPresent();
  }

  @Test
  void figuresMayDifferAndWordsMayNot() {
    assertThat(fits("paused for 32.3 ms, 2 rounds", "paused for 8 ms, 14 rounds")).isTrue();
    assertThat(fits("paused for 32.3 ms", "stopped for 32.3 ms")).isFalse();
    assertThat(
            fits(
                "instance eb5a1fe6-52d4-489d-8aab-ab9fb74bdcdf runs",
                "instance 00000000-1111-2222-3333-444444444444 runs"))
        .isTrue();
    assertThat(fits("a … d", "a b c d")).isTrue();
    assertThat(fits("redis-server  -   running", "redis-server - running")).isTrue();
    assertThat(fits("a.b", "axb")).isFalse();
  }

  @Test
  void addressesOfTheDocumentAreLearned() {
    Map<String, String> learned = new HashMap<>();
    assertThat(
            Shape.firstMissing(
                List.of("it is at 10.0.15.3", "…", "end"),
                "noise\nit is at 10.0.15.9\nmore\nend\n",
                learned))
        .isEmpty();
    assertThat(learned).containsEntry("10.0.15.3", "10.0.15.9");
    assertThat(Shape.firstMissing(List.of("b", "a"), "a\nb\n", learned)).contains("a");
  }
}
