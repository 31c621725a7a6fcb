package dev.architekt.bench.migrate;

import dev.architekt.bench.lab.PlainQemu;
import dev.architekt.bench.lab.Rig;
import dev.architekt.network.HeldFrames;
import dev.architekt.network.NamespaceClaim;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * QEMU's own migration of a VM that is like ours, over TCP between the two hosts, with our network
 * switch-over around it. One VM serves every variant, one after the other.
 *
 * <p>QEMU stops the guest when it likes and tells so in an event; everything that our engine does
 * before the stop is done then, while QEMU is saving and sending what is left.
 */
final class QemuEngine implements Engine {
  static final long LIMIT_SECONDS = 60;

  private static final int PORT = 4444;
  private static final long UNLIMITED = 1L << 40; // bytes a second
  private static final long HELD_BYTES_MAX = 64 << 20;
  private static final long STRAGGLERS_MILLIS = 2;

  private final Rig rig;
  private final PlainQemu.Settings settings;
  private PlainQemu machine;
  private QemuEvents events;
  private int at = 1;
  private Variant variant;

  private QemuEngine(Rig rig, PlainQemu.Settings settings) {
    this.rig = rig;
    this.settings = settings;
  }

  /** Boots the VM on host 1. */
  static QemuEngine start(Rig rig, PlainQemu.Settings settings) throws IOException {
    QemuEngine engine = new QemuEngine(rig, settings);
    engine.events = new QemuEvents();
    engine.machine = rig.keep(PlainQemu.start(rig, 1, settings, false, engine.events));
    engine.machine.claim().reachability().announce();
    return engine;
  }

  /** How the next moves are done. */
  void use(Variant next) {
    variant = next;
  }

  @Override
  public String name() {
    return variant.family();
  }

  @Override
  public String address() {
    return PlainQemu.ADDRESS;
  }

  @Override
  public void thaw() throws IOException {
    machine.execute("cont", Map.of());
  }

  @Override
  public void freeze() throws IOException {
    machine.execute("stop", Map.of());
  }

  @Override
  public Move move() throws IOException, InterruptedException {
    int to = 3 - at;
    long before = rig.topology().hostBytes(to);
    QemuEvents arrival = new QemuEvents();
    PlainQemu next = rig.keep(PlainQemu.start(rig, to, settings, true, arrival));
    long ready = System.nanoTime();
    configure(machine);
    configure(next);
    String address = "tcp:" + rig.topology().nodeAddress(to) + ":" + PORT;
    next.execute("migrate-incoming", Map.of("uri", address));
    double startMs = next.startMs() + (System.nanoTime() - ready) / 1e6;

    events.arm(() -> switchOver(machine.claim(), next.claim()));
    long began = System.nanoTime();
    machine.execute("migrate", Map.of("uri", address));
    if (variant.isPostcopy()) {
      if (variant.passes() > 0) {
        events.secondPass();
      }
      machine.execute("migrate-start-postcopy", Map.of());
    }
    awaitStop(next);
    double pauseMs = (arrival.resumed() - events.stopped()) / 1e6;
    double moveMs = (Math.max(events.completed(), arrival.completed()) - began) / 1e6;
    double networkMs = (events.switched() - events.stopped()) / 1e6;
    String reported = String.valueOf(machine.execute("query-migrate", Map.of()).get("downtime"));
    long bytes = rig.topology().hostBytes(to) - before;
    rig.end(machine);
    machine = next;
    events = arrival;
    at = to;
    String remark =
        String.format(
            java.util.Locale.ROOT,
            "%s; network switched %.1f ms after the stop; QEMU reports %s ms of downtime",
            variant.name(),
            networkMs,
            reported);
    return new Move(pauseMs, startMs + moveMs, startMs, bytes, true, remark);
  }

  /** The guest dirtied memory faster than it could be sent; it still runs at the source. */
  static final class Endless extends IOException {
    private static final long serialVersionUID = 1L;

    Endless(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }

  private void awaitStop(PlainQemu next) throws IOException, InterruptedException {
    try {
      events.stopped();
    } catch (IOException e) {
      events.disarm();
      machine.execute("migrate_cancel", Map.of());
      rig.end(next);
      throw new Endless(e);
    }
  }

  /** Clients' packets go to the destination, and those that wait at the source with them. */
  private static void switchOver(NamespaceClaim from, NamespaceClaim to) throws IOException {
    from.reachability().hold();
    to.reachability().announce();
    from.reachability().divert();
    follow(from, to);
    try {
      Thread.sleep(STRAGGLERS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    follow(from, to);
  }

  private static void follow(NamespaceClaim from, NamespaceClaim to) throws IOException {
    to.tap().inject(from.tap().drain(HeldFrames.COUNT_MAX, HELD_BYTES_MAX));
  }

  private void configure(PlainQemu qemu) throws IOException {
    List<Map<String, Object>> capabilities = new ArrayList<>();
    capabilities.add(Map.of("capability", "events", "state", true));
    capabilities.add(Map.of("capability", "multifd", "state", variant.multifd()));
    capabilities.add(Map.of("capability", "postcopy-ram", "state", variant.isPostcopy()));
    qemu.execute("migrate-set-capabilities", Map.of("capabilities", capabilities));
    qemu.execute(
        "migrate-set-parameters",
        Map.of(
            "max-bandwidth",
            UNLIMITED,
            "downtime-limit",
            variant.downtimeMs(),
            "announce-rounds",
            0));
  }

  @Override
  public void close() throws IOException {
    rig.end(machine);
  }
}
