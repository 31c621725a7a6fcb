package dev.architekt.node.peer;

import dev.architekt.migration.core.SourceConfig;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.node.instance.DataPlane;
import java.util.function.Function;

/**
 * A VM that is here, however it came.
 *
 * @param cores makes the core that will offer it
 * @param afterwards what is left to do once it is offered; blocks as long as that takes
 * @param end gives back what {@code afterwards} used
 */
record Arrival(
    DataPlane plane, Function<SourceConfig, SourceCore> cores, Runnable afterwards, Runnable end) {

  /** One with nothing left to do. */
  static Arrival whole(DataPlane plane, Function<SourceConfig, SourceCore> cores) {
    return new Arrival(plane, cores, () -> {}, () -> {});
  }
}
