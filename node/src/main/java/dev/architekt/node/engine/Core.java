package dev.architekt.node.engine;

import dev.architekt.migration.core.DestinationCore;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.core.Status;
import java.util.List;

/**
 * What the shell needs of a protocol core, source or destination. Not thread-safe; the shell holds
 * its lock.
 */
public interface Core {
  /** Takes an event at a moment of a clock that never goes back, and says what is to be done. */
  List<Effect> handle(Event event, long nowNanos);

  Status status();

  static Core of(SourceCore core) {
    return new Core() {
      @Override
      public List<Effect> handle(Event event, long nowNanos) {
        return core.handle(nowNanos, event);
      }

      @Override
      public Status status() {
        return core.status();
      }
    };
  }

  static Core of(DestinationCore core) {
    return new Core() {
      @Override
      public List<Effect> handle(Event event, long nowNanos) {
        return core.handle(nowNanos, event);
      }

      @Override
      public Status status() {
        return core.status();
      }
    };
  }
}
