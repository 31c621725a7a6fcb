package dev.architekt.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/**
 * What was seen of a whole demo from outside.
 *
 * @param hopsAsked how many hops there should have been
 * @param gap the gap probe's last word, and so {@code load} and {@code clock}
 * @param verified what {@code redis-cli} read back, beside the journal of acknowledged writes
 * @param socketsBefore the clients' connections before the first hop, {@code PORT/INODE} as the
 *     kernel lists them
 * @param socketsAfter the same after the last
 * @param resets that the kernel counted in the client's namespace meanwhile, received or sent
 */
record Evidence(
    int hopsAsked,
    List<HopResult> hops,
    JsonNode gap,
    JsonNode load,
    JsonNode clock,
    JsonNode verified,
    Set<String> socketsBefore,
    Set<String> socketsAfter,
    long resets) {

  List<JsonNode> probes() {
    return List.of(gap, load, clock);
  }

  /** Over all three clients. */
  long sum(String field) {
    return probes().stream().mapToLong(probe -> probe.path(field).asLong()).sum();
  }
}
