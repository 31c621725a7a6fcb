package dev.architekt.migration.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Which steps were asked for and which are done. {@link #need} reads as a line of a phase: it is
 * true once the step is done, and asks for it the first time.
 */
final class Steps {
  private enum Progress {
    TAKEN,
    DONE,
    FAILED
  }

  private final Map<Step, Progress> progress = new EnumMap<>(Step.class);
  private final Map<Step, Long> nanos = new EnumMap<>(Step.class);
  private final Consumer<Effect> out;
  private final LongSupplier now;

  Steps(Consumer<Effect> out, LongSupplier now) {
    this.out = out;
    this.now = now;
  }

  boolean need(Step step) {
    return need(step, new Effect.Take(step));
  }

  boolean need(Step step, Effect effect) {
    if (!progress.containsKey(step)) {
      progress.put(step, Progress.TAKEN);
      nanos.put(step, -now.getAsLong());
      out.accept(effect);
    }
    return done(step);
  }

  boolean done(Step step) {
    return progress.get(step) == Progress.DONE;
  }

  /** Asked for at some time, whatever came of it: there may be something to undo. */
  boolean begun(Step step) {
    return progress.containsKey(step);
  }

  boolean taken(Step step) {
    return progress.get(step) == Progress.TAKEN;
  }

  /** Whether an answer is still to come. */
  boolean busy() {
    return progress.containsValue(Progress.TAKEN);
  }

  /** Takes an answer, if it is one to a step of these. */
  boolean finish(Step step, boolean well) {
    if (progress.get(step) != Progress.TAKEN) {
      return false;
    }
    progress.put(step, well ? Progress.DONE : Progress.FAILED);
    nanos.merge(step, now.getAsLong(), Long::sum);
    return true;
  }

  /** How long the step took when it was taken last, in nanoseconds; 0 when it was not. */
  long took(Step step) {
    return progress.containsKey(step) && !taken(step) ? nanos.getOrDefault(step, 0L) : 0;
  }

  /** As if it had been done before this process was started. */
  void assumeDone(Step step) {
    progress.put(step, Progress.DONE);
  }

  /** The next {@link #need} asks again. */
  void again(Step step) {
    progress.remove(step);
  }

  /** Steps that failed are asked for again by the next {@link #need}. */
  void retryFailed() {
    progress.values().removeIf(p -> p == Progress.FAILED);
  }

  /** As at first: no step was ever asked for. */
  void clear() {
    progress.clear();
    nanos.clear();
  }

  @Override
  public String toString() {
    return progress.toString();
  }
}
