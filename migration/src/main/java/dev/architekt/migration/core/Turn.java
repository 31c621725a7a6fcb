package dev.architekt.migration.core;

import java.util.ArrayList;
import java.util.List;

/** One event after another: the moment at which it came, and what it comes to. */
abstract class Turn {
  long now;

  private List<Effect> effects = new ArrayList<>();

  /** An event has come at this moment; effects are gathered for it alone. */
  void turn(long nanos) {
    now = nanos;
    effects = new ArrayList<>();
  }

  /** What this turn came to. */
  List<Effect> effects() {
    return effects;
  }

  void emit(Effect effect) {
    effects.add(effect);
  }
}
