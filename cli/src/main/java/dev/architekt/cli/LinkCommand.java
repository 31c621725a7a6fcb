package dev.architekt.cli;

import dev.architekt.cli.lab.link.LinkShape;
import dev.architekt.cli.lab.link.Relay;
import dev.architekt.node.Output;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Scanner;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code architekt link}: a long line, as the demo lays it between two sites. */
@Command(
    name = "link",
    hidden = true,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Carries Ethernet frames between two taps of this network namespace, each delayed by half of the round trip, some"
          + " lost. The rate is the kernel's business (HTB on the taps). Reports when it ends, and for each line that it"
          + " reads.",
      ""
    },
    footer = {"", "Example:", "  architekt link 100ms,100mbit,0.5% --near near --far far"})
final class LinkCommand implements Callable<Integer> {
  private static final long GRACE_SECONDS = 5;

  @Parameters(paramLabel = "RTT,RATE[,LOSS]", description = "What the line is like.")
  String shape;

  @Option(
      names = "--near",
      paramLabel = "TAP",
      defaultValue = "near",
      description = "The tap at one end (default: ${DEFAULT-VALUE}).")
  String near;

  @Option(
      names = "--far",
      paramLabel = "TAP",
      defaultValue = "far",
      description = "The tap at the other end (default: ${DEFAULT-VALUE}).")
  String far;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of what gets lost (default: ${DEFAULT-VALUE}).")
  long seed;

  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    new Checks(spec).root("taps");
    LinkShape line;
    try {
      line = LinkShape.parse(shape);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), shape + ": " + e.getMessage());
    }
    Output out = output.open();
    CountDownLatch reported = new CountDownLatch(1);
    try (Relay relay = new Relay(near, far, line, seed)) {
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform().name("link-signal").unstarted(() -> end(relay, reported)));
      long began = System.nanoTime();
      Thread.ofPlatform().daemon().name("link-questions").start(() -> answer(out, relay, began));
      out.event("carrying", "carrying frames between " + near + " and " + far + ": " + line);
      relay.run();
      report(out, relay.counts(), began);
    } finally {
      reported.countDown();
    }
    return 0;
  }

  private static void end(Relay relay, CountDownLatch reported) {
    relay.end();
    try {
      reported.await(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(Output out, Relay relay, long began) {
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      lines.nextLine();
      report(out, relay.counts(), began);
    }
  }

  private static void report(Output out, Relay.Counts counts, long began) {
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    double share = (double) cpu.toNanos() / (System.nanoTime() - began);
    out.event(
        "report",
        String.format(
            Locale.ROOT,
            "%,d frames carried, %,d lost on purpose, %,d for want of room; %.1f %% of a processor",
            counts.carried(),
            counts.lost(),
            counts.overrun(),
            share * 100),
        "carried",
        counts.carried(),
        "lost",
        counts.lost(),
        "overrun",
        counts.overrun(),
        "cpuShare",
        share);
  }
}
