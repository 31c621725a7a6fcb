package dev.architekt.bench.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.bench.migrate.Figures.Figure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class FiguresTest {
  private static Hop hop(String engine, double gap, double pause, long bytes, boolean toEmpty) {
    return new Hop(engine, "", gap, 20, pause, 900, 100, bytes, toEmpty, 1000, 0, 0, 1, "");
  }

  private static Figures figures() {
    Map<String, List<Hop>> engines = new LinkedHashMap<>();
    engines.put(
        "architekt",
        List.of(
            hop("architekt", 100, 10, 60_000_000, true),
            hop("architekt", 120, 14, 10_000_000, false),
            hop("architekt", 110, 12, 12_000_000, false)));
    engines.put(
        "qemu-precopy",
        List.of(
            hop("qemu-precopy", 150, 20, 100_000_000, true),
            hop("qemu-precopy", 170, 24, 110_000_000, true)));
    engines.put(
        "qemu-postcopy",
        List.of(
            hop("qemu-postcopy", 220, 40, 90_000_000, true),
            hop("qemu-postcopy", 180, 36, 90_000_000, true)));
    return new Figures(engines);
  }

  @Test
  void firstAndReturnHopsOfOursAreApartAndQemusCountAsBoth() {
    assertThat(figures().of("architekt", Figure.FIRST_BYTES).n()).isEqualTo(1);
    assertThat(figures().of("architekt", Figure.RETURN_BYTES).median()).isEqualTo(11_000_000);
    assertThat(figures().of("qemu-precopy", Figure.FIRST_BYTES).n()).isEqualTo(2);
    assertThat(figures().of("qemu-precopy", Figure.RETURN_BYTES).n()).isEqualTo(2);
  }

  /** Time by the best of QEMU's modes, even where another mode sends less. */
  @Test
  void ratiosCompareWithTheBestGapAndWithPrecopysBytes() {
    Map<String, Double> ratios = figures().ratios();
    assertThat(ratios.get("gapMs")).isCloseTo(110.0 / 160, within(1e-9));
    assertThat(ratios.get("pauseMs")).isCloseTo(12.0 / 22, within(1e-9));
    assertThat(ratios.get("firstHopBytes")).isCloseTo(60.0 / 105, within(1e-9));
    assertThat(ratios.get("returnHopBytes")).isCloseTo(11.0 / 105, within(1e-9));
    assertThat(ratios).containsKey("totalMs").doesNotContainKey("idleGapMs");
  }

  @Test
  void withoutABaselineThereAreNoRatios() {
    Figures alone = new Figures(Map.of("architekt", figures().engines().get("architekt")));
    assertThat(alone.ratios()).isEmpty();
  }

  @Test
  void theFileHasTheShapeThatOthersRead() {
    Variant best = Variant.of(Variant.PRECOPY).getFirst();
    Report report = new Report(figures(), Map.of(Variant.PRECOPY, best), List.of(), "L1");
    JsonNode json = new ObjectMapper().valueToTree(report.toJson());
    for (String engine : List.of("architekt", "qemu-precopy", "qemu-postcopy")) {
      for (String figure :
          List.of("gapMs", "pauseMs", "totalMs", "firstHopBytes", "returnHopBytes")) {
        JsonNode values = json.path("engines").path(engine).path(figure);
        assertThat(values.path("p50").isNumber()).as(engine + " " + figure).isTrue();
        assertThat(values.path("p99").isNumber()).as(engine + " " + figure).isTrue();
        assertThat(values.path("n").asInt()).as(engine + " " + figure).isPositive();
      }
    }
    assertThat(json.path("engines").path("architekt").path("gapMs").path("p50").asDouble())
        .isEqualTo(110);
    assertThat(json.path("ratios").path("gapMs").isNumber()).isTrue();
    assertThat(json.path("hops").path("qemu-precopy").size()).isEqualTo(2);
    assertThat(json.path("modes").path("qemu-precopy").path("downtimeMs").asInt()).isEqualTo(30);
  }

  @Test
  void theTableNamesEveryEngineAndRatio() {
    var bytes = new ByteArrayOutputStream();
    new Report(figures(), Map.of(), List.of(), "L2")
        .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains("load L2", "architekt", "qemu-precopy", "qemu-postcopy")
        .contains("110.0 (120.0)", "160.0 (170.0)")
        .containsPattern("gapMs +0\\.69");
  }
}
