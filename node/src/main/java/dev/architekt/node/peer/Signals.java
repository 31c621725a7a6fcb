package dev.architekt.node.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Signals that this process answers itself. A shutdown hook could not: when it runs, the JVM has
 * begun to end, and a VM that was granted to this host a moment ago needs it.
 */
final class Signals implements AutoCloseable {
  /** What is answered. */
  enum Kind {
    /** Ctrl-C: a person wants what is going on to stop. */
    INT("Ctrl-C", 2),
    /** The terminal was closed. */
    HUP("SIGHUP", 1),
    /** A service manager, {@code architekt stop}: the process is to end. */
    TERM("SIGTERM", 15);

    private final String said;
    private final int number;

    Kind(String said, int number) {
      this.said = said;
      this.number = number;
    }

    /** As a person knows it. */
    String said() {
      return said;
    }

    /** The exit status of a process that it has ended, as shells have it. */
    int status() {
      return 128 + number;
    }
  }

  private record Before(Signal signal, SignalHandler handler) {}

  private final List<Before> before = new ArrayList<>();

  private Signals() {}

  /**
   * Answers signals from now on; {@code heard} is called on a thread of its own, one a signal.
   * Those that are ignored (of a process in a shell's background, or under {@code nohup}) stay so.
   */
  static Signals listen(Consumer<Kind> heard) {
    Signals signals = new Signals();
    for (Kind kind : Kind.values()) {
      Signal signal = new Signal(kind.name());
      SignalHandler was = Signal.handle(signal, received -> heard.accept(kind));
      if (was == SignalHandler.SIG_IGN) {
        Signal.handle(signal, was);
      } else {
        signals.before.add(new Before(signal, was));
      }
    }
    return signals;
  }

  /** Gives the signals back to who had them. */
  @Override
  public void close() {
    before.forEach(b -> Signal.handle(b.signal(), b.handler()));
  }
}
