package dev.architekt.cli.lab;

import dev.architekt.cli.lab.link.LinkShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A line between the two sites of a {@link Topology}.
 *
 * @param congestionControl of TCP on every host, {@code cubic} for example; the kernel's default if
 *     empty
 */
public record Line(LinkShape shape, Optional<String> congestionControl) {
  private static final String NEAR = "near";
  private static final String FAR = "far";

  /** What makes its two ends, in the namespace of both bridges; the relay is a process. */
  List<List<String>> commands(String nearBridge, String farBridge) {
    List<List<String>> all = new ArrayList<>();
    end(all, NEAR, nearBridge);
    end(all, FAR, farBridge);
    return all;
  }

  private void end(List<List<String>> all, String tap, String bridge) {
    all.add(List.of("ip", "tuntap", "add", tap, "mode", "tap"));
    all.add(List.of("ip", "link", "set", tap, "master", bridge, "up"));
    String rate = shape.bitsPerSecond() + "bit";
    add(all, "tc qdisc add dev %s root handle 1: htb default 1", tap);
    add(all, "tc class add dev %s parent 1: classid 1:1 htb rate %s", tap, rate);
    add(all, "tc qdisc add dev %s parent 1:1 bfifo limit %d", tap, shape.queueBytes());
  }

  private static void add(List<List<String>> all, String format, Object... arguments) {
    all.add(List.of(String.format(format, arguments).split(" ")));
  }

  /** The words after {@code architekt} that carry its frames, in the bridges' namespace. */
  public List<String> relay() {
    return List.of("link", shape.toString(), "--near", NEAR, "--far", FAR);
  }
}
