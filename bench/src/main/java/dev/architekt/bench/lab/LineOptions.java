package dev.architekt.bench.lab;

import dev.architekt.cli.lab.Line;
import dev.architekt.cli.lab.link.LinkShape;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where host 2 is. */
public final class LineOptions {
  @Option(
      names = "--link",
      paramLabel = "RTT,RATE[,LOSS]",
      description =
          "Put host 2 behind a long line, such as 100ms,100mbit,0.5%%; the client is beside host 1.")
  Optional<String> link = Optional.empty();

  @Option(
      names = "--congestion-control",
      paramLabel = "NAME",
      description = "TCP's algorithm on all hosts (with --link; default: the kernel's).")
  Optional<String> congestion = Optional.empty();

  /**
   * The line; empty when both hosts are at one switch.
   *
   * @throws IllegalArgumentException which says what was expected
   */
  public Optional<Line> line() {
    return link.map(LinkShape::parse).map(shape -> new Line(shape, congestion));
  }
}
