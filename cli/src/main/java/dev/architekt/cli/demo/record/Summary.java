package dev.architekt.cli.demo.record;

import java.time.Instant;
import java.util.List;

/**
 * What a page says of a whole demo.
 *
 * @param title a line
 * @param command as the person typed it
 * @param conditions how it was run
 * @param client what its clients and the guest saw, in sentences; empty when it ended early
 * @param broken promises that were not kept, or why it ended early; empty when all is well
 */
public record Summary(
    String title,
    Instant written,
    String command,
    List<String> conditions,
    List<String> client,
    List<String> broken) {
  public Summary {
    conditions = List.copyOf(conditions);
    client = List.copyOf(client);
    broken = List.copyOf(broken);
  }
}
