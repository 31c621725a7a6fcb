package dev.architekt.migration.wire;

import dev.architekt.migration.message.Lane;
import java.util.Arrays;

/** A link some of whose lanes are connected. Guarded by its {@link Reception}. */
final class Assembly {
  private final Hello hello;
  private final Peer peer;
  private final Transport[] transports;
  private final boolean[] reserved;

  Assembly(Hello hello, Peer peer, Transport control) {
    this.hello = hello;
    this.peer = peer;
    this.transports = new Transport[hello.lanes()];
    this.reserved = new boolean[hello.lanes()];
    transports[Lane.CONTROL] = control;
    reserved[Lane.CONTROL] = true;
  }

  /** Whether a lane with this HELLO belongs here, and has not come yet. */
  boolean fits(Hello lane) {
    return lane.session().equals(hello.session())
        && lane.lanes() == hello.lanes()
        && lane.right() == hello.right()
        && !reserved[lane.lane()];
  }

  void reserve(int lane) {
    reserved[lane] = true;
  }

  void add(int lane, Transport transport) {
    transports[lane] = transport;
  }

  boolean isWhole() {
    return Arrays.stream(transports).allMatch(transport -> transport != null);
  }

  Link link(WireOptions options) {
    return new Link(hello, peer, false, options, Arrays.asList(transports));
  }

  /** Ends the lanes that have come. */
  void close() {
    for (Transport transport : transports) {
      if (transport != null) {
        transport.close();
      }
    }
  }
}
