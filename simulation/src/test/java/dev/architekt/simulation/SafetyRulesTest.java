package dev.architekt.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.rules.SafetyRule;
import dev.architekt.migration.core.rules.SafetyRules;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The simulation can find bugs: each rule, switched off, is missed within a bounded number of
 * seeds.
 */
class SafetyRulesTest {
  private static final long SEEDS_MOST = 10_000;

  @ParameterizedTest
  @EnumSource(SafetyRule.class)
  void isMissedWhenSwitchedOff(SafetyRule rule) {
    var caught = Simulate.firstCaught(1, SEEDS_MOST, SafetyRules.without(rule));
    assertThat(caught).as("a seed of 1 to " + SEEDS_MOST + " that catches " + rule).isPresent();
  }
}
