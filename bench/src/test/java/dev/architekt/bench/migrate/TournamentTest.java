package dev.architekt.bench.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class TournamentTest {
  /** A variant that was lucky in the heats meets its equal in the final. */
  @Test
  void luckInTheHeatsDoesNotWinTheFinal() throws Exception {
    Map<Variant, Integer> played = new HashMap<>();
    Variant lucky = Variant.of(Variant.PRECOPY).get(2);
    Variant steady = Variant.of(Variant.PRECOPY).get(0);
    Tournament tournament = new Tournament();
    Variant winner =
        tournament.choose(
            Variant.PRECOPY,
            variant -> {
              int hop = played.merge(variant, 1, Integer::sum);
              if (variant.equals(lucky)) {
                return hop <= Tournament.HEATS ? 100 : 300;
              }
              return variant.equals(steady) ? 150 : 400;
            });
    assertThat(winner).isEqualTo(steady);
    assertThat(played.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(Tournament.hops(Variant.PRECOPY));
    assertThat(played.get(steady)).isEqualTo(Tournament.HEATS + Tournament.FINAL_HOPS);
  }

  @Test
  void aFamilyOfTwoPlaysNothingButFinals() throws Exception {
    Variant best = Variant.of(Variant.POSTCOPY).get(1);
    Tournament tournament = new Tournament();
    assertThat(
            tournament.choose(
                Variant.POSTCOPY, variant -> variant.equals(best) ? 99 : Double.POSITIVE_INFINITY))
        .isEqualTo(best);
    assertThat(tournament.gaps().get(best)).hasSize(Tournament.HEATS + Tournament.FINAL_HOPS);
  }
}
