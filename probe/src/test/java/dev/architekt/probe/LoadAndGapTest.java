package dev.architekt.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is measured has to be what happened, and nothing may look better than it was. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoadAndGapTest {
  private static final Path REDIS_CLI = Path.of("/usr/bin/redis-cli");

  private FakeRedis redis;

  @BeforeEach
  void start() throws IOException {
    redis = new FakeRedis();
  }

  @AfterEach
  void stop() throws IOException {
    redis.close();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  private static long reconnects(Map<String, Object> details) {
    return (Long) details.get("reconnects");
  }

  private static LoadProfile closed(int connections) {
    return new LoadProfile("test", connections, 0, 200, 500);
  }

  @Test
  void gapIsAsLongAsTheServerWasSilentAndOnlyInItsWindow() throws Exception {
    var probe = new GapProbe(redis.address(), GapProbe.Question.REDIS);
    probe.start();
    Thread.sleep(300);
    probe.mark("silence");
    redis.freeze();
    Thread.sleep(400);
    assertThat(probe.peek().gap()).as("open gap counts").isGreaterThan(350_000_000L);
    redis.thaw();
    Thread.sleep(300);
    WindowReport silence = probe.mark("after");
    Thread.sleep(200);
    WindowReport after = probe.mark("end");
    probe.stop();
    assertThat(silence.label()).isEqualTo("silence");
    assertThat(silence.gap()).isBetween(390_000_000L, 700_000_000L);
    assertThat(after.gap()).isLessThan(silence.gap());
    assertThat(probe.details()).containsEntry("reconnects", 0L).containsEntry("errors", 0L);
    assertThat(probe.details().get("socketAtEnd")).isEqualTo(probe.details().get("socketAtStart"));
  }

  @Test
  void questionsGoOnWhileNothingIsAnswered() throws Exception {
    var probe = new GapProbe(redis.address(), GapProbe.Question.REDIS);
    redis.freeze();
    probe.start();
    await(() -> probe.peek().requests() > 50);
    WindowReport window = probe.peek();
    redis.thaw();
    probe.stop();
    assertThat(window.answers()).isZero();
    assertThat(probe.details()).containsEntry("unanswered", 0L);
  }

  @Test
  void aLostConnectionIsSaidAndNeverMadeAgain() throws Exception {
    var load = new RedisLoad(redis.address(), closed(3), 1);
    var probe = new GapProbe(redis.address(), GapProbe.Question.REDIS);
    load.start();
    probe.start();
    await(() -> load.peek().answers() > 50 && probe.peek().answers() > 10);
    redis.hangUp();
    await(() -> reconnects(load.details()) == 3 && reconnects(probe.details()) == 1);
    long requests = load.peek().requests();
    Thread.sleep(100);
    assertThat(load.peek().requests()).isEqualTo(requests);
    probe.stop();
    load.stop();
    assertThat(load.details()).containsEntry("reconnects", 3L);
    assertThat(probe.details()).containsEntry("reconnects", 1L);
    assertThat(probe.details().get("socketAtEnd")).isNull();
    assertThat(load.details().get("firstFailure")).isNotNull();
  }

  @Test
  void anOpenLoopKeepsItsScheduleThroughASilence() throws Exception {
    var load = new RedisLoad(redis.address(), LoadProfile.L1, 2);
    load.start();
    Thread.sleep(300);
    redis.freeze();
    Thread.sleep(500);
    redis.thaw();
    Thread.sleep(700);
    WindowReport window = load.mark("end");
    load.stop();
    // 1,000 a second on a schedule: a silence of a third of the time takes none of them away.
    long expected = window.duration() / 1_000_000;
    assertThat(window.requests()).isBetween(expected - 50, expected + 5);
    assertThat(window.latencyMax()).isGreaterThan(400_000_000L);
    assertThat(load.details().get("acknowledgedWrites")).isEqualTo(load.details().get("requests"));
  }

  @Test
  void everyAcknowledgedWriteIsFoundByRedisCli() throws Exception {
    assumeThat(REDIS_CLI).exists();
    RedisLoad load = run(closed(4));
    JournalVerifier.Result result = verify(load.journal());
    assertThat(result.keysChecked()).isGreaterThan(100);
    assertThat(result.lostWrites()).as(result.examples().toString()).isZero();
  }

  @Test
  void lostStaleAndForeignValuesAreEachCounted() throws Exception {
    assumeThat(REDIS_CLI).exists();
    RedisLoad load = run(closed(2));
    Journal journal = load.journal();
    List<Integer> rewritten =
        java.util.stream.IntStream.range(0, journal.keys())
            .filter(key -> journal.lastAcknowledged(key) > 1)
            .boxed()
            .limit(3)
            .toList();
    redis.data.remove(Journal.name(rewritten.get(0)));
    var stale = java.nio.ByteBuffer.allocate(200);
    Values.put(
        stale,
        journal.seed(),
        rewritten.get(1),
        journal.lastAcknowledged(rewritten.get(1)) - 1,
        200);
    redis.data.put(Journal.name(rewritten.get(1)), stale.array());
    byte[] flipped = redis.data.get(Journal.name(rewritten.get(2))).clone();
    flipped[150] ^= 1;
    redis.data.put(Journal.name(rewritten.get(2)), flipped);
    JournalVerifier.Result result = verify(journal);
    assertThat(result.lostWrites()).isEqualTo(3);
    assertThat(String.join("\n", result.examples()))
        .contains("is not there")
        .contains("holds write")
        .contains("nobody wrote");
  }

  @Test
  void aWriteInFlightMayBeThereOrNot() throws Exception {
    assumeThat(REDIS_CLI).exists();
    RedisLoad load = run(closed(1));
    Journal journal = load.journal();
    long unanswered = journal.sent(7);
    assertThat(verify(journal).lostWrites()).isZero();
    var value = java.nio.ByteBuffer.allocate(200);
    Values.put(value, journal.seed(), 7, unanswered, 200);
    redis.data.put(Journal.name(7), value.array());
    assertThat(verify(journal).lostWrites()).isZero();
  }

  @Test
  void refusedWritesAreErrorsAndNotAcknowledged() throws Exception {
    redis.refuseWrites();
    RedisLoad load = run(closed(2));
    assertThat((Long) load.details().get("errors")).isPositive();
    assertThat(load.details())
        .containsEntry("acknowledgedWrites", 0L)
        .containsEntry("reconnects", 0L);
  }

  @Test
  void aJournalComesBackFromItsFile(@TempDir Path folder) throws Exception {
    RedisLoad load = run(closed(2));
    Path file = folder.resolve("journal");
    load.journal().save(file);
    Journal loaded = Journal.load(file);
    for (int key = 0; key < loaded.keys(); key++) {
      assertThat(loaded.lastAcknowledged(key)).isEqualTo(load.journal().lastAcknowledged(key));
      assertThat(loaded.lastSent(key)).isEqualTo(load.journal().lastSent(key));
    }
    Files.writeString(file, "something else\n");
    assertThatThrownBy(() -> Journal.load(file)).isInstanceOf(IOException.class);
  }

  @Test
  void noServerIsSaidWithItsAddress() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    var probe = new GapProbe(new InetSocketAddress("127.0.0.1", free), GapProbe.Question.REDIS);
    assertThatThrownBy(probe::start).hasMessageContaining(Integer.toString(free));
  }

  private RedisLoad run(LoadProfile profile) throws Exception {
    var load = new RedisLoad(redis.address(), profile, System.nanoTime());
    load.start();
    Thread.sleep(400);
    load.stop();
    return load;
  }

  private JournalVerifier.Result verify(Journal journal) throws Exception {
    return new JournalVerifier(REDIS_CLI.toString(), redis.address(), 30).verify(journal);
  }

  @Test
  void theCommandTellsItsStoryInJson() throws Exception {
    String address = redis.address().getHostString() + ":" + redis.address().getPort();
    var out = new java.io.ByteArrayOutputStream();
    String commands =
        """
        {"command":"mark","label":"a \\"quoted\\" one"}
        {"command":"snapshot"}
        {"command":"nonsense"}
        not json
        {"command":"verify"}
        {"command":"stop"}
        """;
    int status =
        Probe.run(
            new String[] {"load", "L1", address, "42"},
            new java.io.BufferedReader(new java.io.StringReader(commands)),
            new java.io.PrintStream(out));
    assertThat(status).isZero();
    List<String> events =
        out.toString().lines().map(line -> line.substring(10, line.indexOf('"', 10))).toList();
    assertThat(events)
        .containsExactly("started", "window", "snapshot", "failed", "failed", "failed", "stopped");
    assertThat(out.toString()).contains("a \\\"quoted\\\" one").contains("\"reconnects\":0");
  }

  @Test
  void wrongArgumentsAreStatusTwo() throws Exception {
    var in = new java.io.BufferedReader(new java.io.StringReader(""));
    assertThat(Probe.run(new String[] {"gap", "nowhere"}, in, System.out)).isEqualTo(2);
    assertThat(Probe.run(new String[] {"load", "L9", "a:1", "1"}, in, System.out)).isEqualTo(2);
    assertThat(Probe.run(new String[] {}, in, System.out)).isEqualTo(2);
  }

  @Test
  void flatJsonRefusesWhatItCannotHold() {
    assertThat(Json.readFlat("{\"a\":\"x\\n\\u0041\",\"b\": -1.5 ,\"c\":true}"))
        .isEqualTo(Map.of("a", "x\nA", "b", "-1.5", "c", "true"));
    for (String line : List.of("", "{", "{}x", "{\"a\":[1]}", "{\"a\":{}}", "{\"a\" 1}", "[1]")) {
      assertThatThrownBy(() -> Json.readFlat(line)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Json.readFlat("{\"" + "a".repeat(Json.LINE_MAX)))
        .hasMessageContaining("at most");
  }
}
