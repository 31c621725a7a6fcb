package dev.architekt.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes to Redis as a {@link LoadProfile} says and keeps a {@link Journal} of what was
 * acknowledged.
 */
public final class RedisLoad implements Workload {
  private static final long DRAIN_MS = 10_000;

  private final InetSocketAddress address;
  private final LoadProfile profile;
  private final Journal journal;
  private final Meter meter = new Meter();
  private final List<Writer> writers = new ArrayList<>();

  /**
   * @param seed of keys and values; another one for each run on the same server, or a value of an
   *     earlier run could pass for one of this
   */
  public RedisLoad(InetSocketAddress address, LoadProfile profile, long seed) {
    this.address = address;
    this.profile = profile;
    this.journal = new Journal(seed, profile.valueBytes(), profile.keys());
  }

  /** One connection's part of the load. */
  interface Writer {
    void start();

    /** No more requests; waits for outstanding answers until the time, then closes. */
    void stop(long deadlineNanos) throws IOException, InterruptedException;

    Link link();

    /** What the kernel said at the end, or null when the connection was lost. */
    SocketIdentity atEnd();
  }

  @Override
  public void start() throws IOException {
    for (int i = 0; i < profile.connections(); i++) {
      Link link = new Link(address);
      writers.add(
          profile.ratePerSecond() > 0
              ? new OpenLoopWriter(link, profile, journal, meter)
              : new ClosedLoopWriter(link, profile, journal, meter, i));
    }
    meter.begin();
    writers.forEach(Writer::start);
  }

  /** Exact after {@link #stop}. */
  public Journal journal() {
    return journal;
  }

  @Override
  public WindowReport mark(String label) throws IOException {
    return meter.mark(label);
  }

  @Override
  public WindowReport peek() throws IOException {
    return meter.peek();
  }

  @Override
  public void stop() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DRAIN_MS * 1_000_000;
    for (Writer writer : writers) {
      writer.stop(deadline);
    }
  }

  @Override
  public Map<String, Object> details() {
    var details = new LinkedHashMap<String, Object>();
    Meter.Totals totals = meter.totals();
    Totals.put(details, totals);
    details.put("acknowledgedWrites", totals.answers());
    details.put("load", profile.name());
    List<Map<String, Object>> atStart = new ArrayList<>();
    List<Map<String, Object>> atEnd = new ArrayList<>();
    for (Writer writer : writers) {
      atStart.add(Totals.socket(writer.link().atStart()));
      atEnd.add(Totals.socket(writer.atEnd()));
    }
    details.put("socketsAtStart", atStart);
    details.put("socketsAtEnd", atEnd);
    return details;
  }
}
