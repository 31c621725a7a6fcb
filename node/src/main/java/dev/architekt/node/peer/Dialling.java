package dev.architekt.node.peer;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkAcceptor;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.WireException;
import dev.architekt.node.Output;
import dev.architekt.node.engine.CoreShell;
import dev.architekt.node.instance.DataPlane;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The links of one take-over: those that come go to its engine, those that do not are told. */
final class Dialling implements LinkAcceptor {
  private final CoreShell shell;
  private final Supplier<DataPlane> plane;
  private final CompletableFuture<Effect.Finished> end;
  private final Output output;
  private final String source;
  private final Duration patience;
  private final long began = System.nanoTime();
  private volatile String lastTrouble = "";

  /**
   * Of one take-over.
   *
   * @param plane what has been prepared here; null while nothing has
   * @param end fails when the source cannot be reached and nothing has been prepared yet
   * @param patience how long it is tried then
   */
  Dialling(
      CoreShell shell,
      Supplier<DataPlane> plane,
      CompletableFuture<Effect.Finished> end,
      Output output,
      String source,
      Duration patience) {
    this.shell = shell;
    this.plane = plane;
    this.end = end;
    this.output = output;
    this.source = source;
    this.patience = patience;
  }

  @Override
  public LinkHandler up(Link link) {
    return shell.up(link);
  }

  @Override
  public void failed(WireException cause, Duration next) {
    String trouble = cause.getMessage();
    if (!trouble.equals(lastTrouble)) {
      lastTrouble = trouble;
      output.event("link-failed", source + ": " + trouble + "; trying again", "message", trouble);
    }
    if (plane.get() == null && System.nanoTime() - began > patience.toNanos()) {
      end.completeExceptionally(
          new IOException(
              "no answer from " + source + " within " + patience.toSeconds() + " s: " + trouble));
    }
  }

  @Override
  public void ended(WireException cause) {
    if (plane.get() == null) {
      end.completeExceptionally(cause);
    } else {
      shell.feed(new Event.Cancel(cause.getMessage()));
    }
  }
}
