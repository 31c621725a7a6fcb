package dev.architekt.migration.core.rules;

import java.util.EnumSet;
import java.util.Set;

/**
 * Which rules are on. Product code has {@link #ALL}; this package is exported to the simulation
 * only.
 */
public final class SafetyRules {
  /** Every rule, as in production. */
  public static final SafetyRules ALL = new SafetyRules(EnumSet.noneOf(SafetyRule.class));

  private final Set<SafetyRule> off;

  private SafetyRules(Set<SafetyRule> off) {
    this.off = off;
  }

  /** All rules but one: a state machine with a bug, for tests of the tests. */
  public static SafetyRules without(SafetyRule rule) {
    return new SafetyRules(EnumSet.of(rule));
  }

  /** Whether the rule holds. */
  public boolean on(SafetyRule rule) {
    return !off.contains(rule);
  }
}
