package dev.architekt.simulation;

import dev.architekt.migration.core.rules.SafetyRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code Simulate --seeds N --seed S [--trace] [--threads T]}: runs N seeds from S on, prints the
 * coverage and the medians, and every seed that broke a promise. Exit status 0 when none did and no
 * cell of the table is empty, 1 when one did, 2 when the table has an empty cell, 64 for bad usage.
 */
public final class Simulate {
  private static final int REPORTED_MOST = 5;

  private Simulate() {}

  /** See the class. */
  public static void main(String[] arguments) throws InterruptedException {
    long seeds = 1_000;
    long seed = 1;
    boolean trace = false;
    int threads = Runtime.getRuntime().availableProcessors();
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--seeds" -> seeds = Long.parseLong(arguments[++i]);
          case "--seed" -> {
            seed = Long.parseLong(arguments[++i]);
            seeds = Arrays.asList(arguments).contains("--seeds") ? seeds : 1;
          }
          case "--threads" -> threads = Math.max(1, Integer.parseInt(arguments[++i]));
          case "--trace" -> trace = true;
          default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
        }
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      System.err.println("simulate: " + e.getMessage());
      System.err.println("usage: simulate [--seeds N] [--seed S] [--trace] [--threads T]");
      System.exit(64);
    }
    if (trace) {
      World.run(seed, SafetyRules.ALL, new Coverage(), System.out::println);
      System.out.println("seed " + seed + ": no violation");
      return;
    }
    Summary summary = run(seed, seeds, threads, SafetyRules.ALL);
    System.out.println(summary.text());
    boolean whole = summary.coverage().empty() == 0 || seeds < 10_000;
    System.exit(!summary.failures().isEmpty() ? 1 : whole ? 0 : 2);
  }

  /** A seed that broke a promise. */
  public record Failure(long seed, String text) {}

  /** What many seeds came to. */
  public record Summary(
      long seeds,
      List<Failure> failures,
      long failed,
      Coverage coverage,
      long messagesMedian,
      long faultsMedian,
      double seconds) {
    String text() {
      StringBuilder out = new StringBuilder();
      out.append(coverage.table()).append(System.lineSeparator());
      out.append(
          String.format(
              "%d seeds in %.1f s; medians: %d messages, %d faults; empty cells: %d%n",
              seeds, seconds, messagesMedian, faultsMedian, coverage.empty()));
      for (Failure failure : failures) {
        out.append("seed ").append(failure.seed()).append(": ").append(failure.text());
        out.append(String.format("%n  replay: ./dev simulate --seed %d --trace%n", failure.seed()));
      }
      out.append(failed == 0 ? "no violation" : failed + " seeds broke a promise");
      return out.toString();
    }
  }

  /** Runs {@code seeds} seeds from {@code first} on, on some threads. */
  public static Summary run(long first, long seeds, int threads, SafetyRules rules)
      throws InterruptedException {
    long began = System.nanoTime();
    AtomicLong next = new AtomicLong(first);
    AtomicLong failed = new AtomicLong();
    List<Failure> failures = new ArrayList<>();
    Coverage coverage = new Coverage();
    int[] messages = new int[(int) seeds];
    int[] faults = new int[(int) seeds];
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      workers.add(
          Thread.ofPlatform()
              .name("simulate-" + t)
              .start(() -> {
                Coverage own = new Coverage();
                for (long seed; (seed = next.getAndIncrement()) < first + seeds; ) {
                  try {
                    World.Result result = World.run(seed, rules, own, null);
                    messages[(int) (seed - first)] = (int) result.messages();
                    faults[(int) (seed - first)] = (int) result.faults();
                  } catch (RuntimeException e) {
                    failed.incrementAndGet();
                    synchronized (failures) {
                      if (failures.size() < REPORTED_MOST) {
                        failures.add(new Failure(seed, e.toString() + where(e)));
                      }
                    }
                  }
                }
                synchronized (coverage) {
                  coverage.add(own);
                }
              }));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    return new Summary(
        seeds, failures, failed.get(), coverage, median(messages), median(faults), seconds);
  }

  /** The first seed of a run of at most {@code most} that breaks a promise. */
  public static OptionalLong firstCaught(long first, long most, SafetyRules rules) {
    for (long seed = first; seed < first + most; seed++) {
      try {
        World.run(seed, rules, new Coverage(), null);
      } catch (RuntimeException e) {
        return OptionalLong.of(seed);
      }
    }
    return OptionalLong.empty();
  }

  private static String where(RuntimeException e) {
    return e instanceof Violation || e.getStackTrace().length == 0
        ? ""
        : " at "
            + e.getStackTrace()[0]
            + ", "
            + e.getStackTrace()[Math.min(1, e.getStackTrace().length - 1)];
  }

  private static long median(int[] values) {
    int[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
