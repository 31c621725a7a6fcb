package dev.architekt.node.peer;

import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Strategy;
import dev.architekt.node.Output;
import java.util.Locale;

/** Tells people, while a VM is copied, when copying does not catch up with what it writes. */
final class Convergence {
  /** A first round may be a moment that ends with all that was dirtied since the last move. */
  private static final int ROUNDS_MIN = 2;

  private final Output output;
  private final Strategy strategy;
  private boolean said;

  Convergence(Output output, Strategy strategy) {
    this.output = output;
    this.strategy = strategy;
  }

  /** The source's figures after a round. */
  synchronized void told(Account account) {
    double dirtied = account.dirtyPagesPerSecond() * (double) Bounds.PAGE_BYTES;
    if (said || account.rounds() < ROUNDS_MIN || dirtied < account.bytesPerSecond()) {
      return;
    }
    said = true;
    output.event(
        "not-converging",
        String.format(
            Locale.ROOT,
            "after round %d the guest dirties %.1f MB/s and the line carries %.1f MB/s: copying"
                + " while it runs does not catch up. %s",
            account.rounds(),
            dirtied / 1e6,
            account.bytesPerSecond() / 1e6,
            consequence()),
        "round",
        account.rounds(),
        "dirtyBytesPerSecond",
        (long) dirtied,
        "bytesPerSecond",
        account.bytesPerSecond());
  }

  private String consequence() {
    return switch (strategy) {
      case AUTO, POST_COPY ->
          "Switching over with what fits the gap target; the rest is fetched afterwards";
      case PRE_COPY ->
          "With --strategy pre-copy the pause will be as long as the rest takes; auto fetches it"
              + " afterwards instead";
    };
  }
}
