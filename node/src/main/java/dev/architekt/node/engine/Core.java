package dev.architekt.node.engine;

import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Status;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the shell needs of a protocol core, source or destination. Not thread-safe; the shell holds
 * its lock.
 */
public interface Core {
  /** Takes an event at a moment of a clock that never goes back, and says what is to be done. */
  List<Effect> handle(Event event, long nowNanos);

  Status status();

  static Core of(SourceCore core) {
    return of(core::handle, core::status);
  }

  static Core of(DestinationCore core) {
    return of(core::handle, core::status);
  }

  private static Core of(Handling handling, Supplier<Status> status) {
    return new Core() {
      @Override
      public List<Effect> handle(Event event, long nowNanos) {
        return handling.handle(nowNanos, event);
      }

      @Override
      public Status status() {
        return status.get();
      }
    };
  }

  /** The method that both cores have in common. */
  @FunctionalInterface
  interface Handling {
    List<Effect> handle(long nowNanos, Event event);
  }
}
