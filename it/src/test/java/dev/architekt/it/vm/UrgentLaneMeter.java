package dev.architekt.it.vm;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.migration.wire.PageSink;
import dev.architekt.migration.wire.RemotePages;
import dev.architekt.node.Addresses;
import dev.architekt.node.Output;
import dev.architekt.node.Wiring;
import dev.architekt.node.identity.Security;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that reads a registry as a peer does: single pages on demand, first with nothing else
 * on the line, then while everything is fetched in the background. Prints one JSON object: medians
 * and 99th percentiles in milliseconds, and the background's bytes a second meanwhile.
 */
final class UrgentLaneMeter implements PageSink {
  private static final int DEMANDS = 150;
  private static final long PAGE = 4096;

  private final AtomicLong arrived = new AtomicLong();
  private volatile long awaitedPage = -1;
  private volatile CompletableFuture<Void> awaited = new CompletableFuture<>();
  private int region;

  public static void main(String[] arguments) throws Exception {
    new UrgentLaneMeter().measure(arguments[0]);
  }

  private void measure(String raddr) throws Exception {
    RemotePages remote =
        RemotePages.open(
            Addresses.remote("registry", raddr),
            Security.open(
                    Security.Options.USUAL,
                    true,
                    false,
                    InstantSource.system(),
                    new Output(System.err, true, false))
                .wire("meter"),
            "",
            Wiring.BULK_LANES,
            Wiring.WINDOW_BYTES,
            this);
    Message.Description description = remote.description().get(20, TimeUnit.SECONDS);
    List<RegionInfo> regions = description.regions();
    for (int i = 0; i < regions.size(); i++) {
      if (regions.get(i).name().equals("memory")) {
        region = i;
      }
    }
    long pages = regions.get(region).pages();
    double[] alone = ask(remote, pages, 0);
    long before = arrived.get();
    long[] next = {0};
    CompletableFuture<Void> bulk =
        remote.fetch(most -> {
          int count = (int) Math.min(most, pages - next[0]);
          next[0] += count;
          return count == 0 ? null : new Message.Demand(region, next[0] - count, count);
        });
    TimeUnit.MILLISECONDS.sleep(300);
    long begin = System.nanoTime();
    double[] loaded = ask(remote, pages, 1);
    double seconds = (System.nanoTime() - begin) / 1e9;
    boolean stillGoing = !bulk.isDone();
    System.out.printf(
        Locale.ROOT,
        "{\"aloneP50Ms\":%.3f,\"aloneP99Ms\":%.3f,\"underBulkP50Ms\":%.3f,\"underBulkP99Ms\":%.3f,"
            + "\"bulkPagesPerSecond\":%.0f,\"bulkStillGoing\":%b}%n",
        alone[0],
        alone[1],
        loaded[0],
        loaded[1],
        (arrived.get() - before) / seconds,
        stillGoing);
    remote.close();
  }

  /** One page after another from the end of the region, which the background reaches last. */
  private double[] ask(RemotePages remote, long pages, int round) throws Exception {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < DEMANDS; i++) {
      long page = pages - 1 - (round * DEMANDS + i) * 7L;
      CompletableFuture<Void> answer = new CompletableFuture<>();
      awaited = answer;
      awaitedPage = page;
      long begin = System.nanoTime();
      remote.demand(region, page, 1);
      answer.get(30, TimeUnit.SECONDS);
      millis.add((System.nanoTime() - begin) / 1e6);
    }
    millis.sort(null);
    return new double[] {millis.get(DEMANDS / 2), millis.get(DEMANDS * 99 / 100)};
  }

  @Override
  public void pages(int of, long first, MemorySegment data) throws IOException {
    note(of, first, data.byteSize() / PAGE);
  }

  @Override
  public void zeroes(int of, long first, int count) throws IOException {
    note(of, first, count);
  }

  private void note(int of, long first, long count) {
    arrived.addAndGet(count);
    if (of == region && first <= awaitedPage && awaitedPage < first + count) {
      awaited.complete(null);
    }
  }
}
