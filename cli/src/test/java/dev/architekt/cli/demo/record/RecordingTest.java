package dev.architekt.cli.demo.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is collected is bounded, and counts what it says. */
class RecordingTest {
  private static final String DEV =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
          lo: 5000       5    0    0    0     0          0         0     5000       5    0    0    0     0       0          0
        eth0:%s      10    0    0    0     0          0         0    %s      20    0    0    0     0       0          0
      """;
  private static final String VM =
      "    ark0: 70       1    0    0    0     0          0         0      30       1    0    0    0     0       0          0\n";

  private final Recording recording = new Recording();

  @Test
  void aHostsOwnBytesAreTheUplinksLessWhatTheVmSaid() {
    Map<String, Long> before = WireSampler.parse(DEV.formatted("1000", "2000"));
    Map<String, Long> after = WireSampler.parse(DEV.formatted("1500", " 2600") + VM);
    assertThat(before).containsExactly(Map.entry("eth0", 3000L));
    assertThat(after).containsEntry("eth0", 4100L).containsEntry("ark0", 100L);
    assertThat(WireSampler.growth(before, after)).isEqualTo(1000);
    assertThat(WireSampler.growth(after, WireSampler.parse(DEV.formatted("1600", "2600"))))
        .isEqualTo(100); // the VM's interface went away
  }

  private static void awaitReadings(WireSampler sampler, int count) throws Exception {
    long end = System.nanoTime() + 10_000_000_000L;
    while (sampler.taken() < count) {
      assertThat(System.nanoTime()).as("no " + count + " readings").isLessThan(end);
      Thread.sleep(2);
    }
  }

  @Test
  void countersAreReadOnceTheProcessIsInItsNamespace(@TempDir Path process) throws Exception {
    Files.createDirectories(process.resolve("net"));
    Files.createDirectories(process.resolve("ns"));
    Path namespace = process.resolve("ns/net");
    Files.createSymbolicLink(namespace, Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
    Files.writeString(process.resolve("net/dev"), DEV.formatted("999999", "999999"));
    WireSampler sampler = new WireSampler(process, System.nanoTime());
    Thread.sleep(60);
    Files.writeString(process.resolve("net/dev"), DEV.formatted("1000", "2000"));
    Path other = Files.createSymbolicLink(process.resolve("ns/new"), Path.of("net:[1]"));
    Files.move(other, namespace, StandardCopyOption.ATOMIC_MOVE);
    awaitReadings(sampler, 1);
    Files.writeString(process.resolve("net/new"), DEV.formatted("1500", "2600"));
    Files.move(
        process.resolve("net/new"), process.resolve("net/dev"), StandardCopyOption.ATOMIC_MOVE);
    awaitReadings(sampler, sampler.taken() + 2); // the first of them may have begun before
    Curve curve = sampler.end();
    assertThat(curve.points().getFirst().value()).isZero();
    assertThat(curve.points().getLast().value()).isEqualTo(1100);
    assertThat(curve.points()).isSortedAccordingTo(Comparator.comparingDouble(Curve.Point::at));
  }

  @Test
  void ofManyHopsTheFirstAndTheWorstAreKept() {
    for (int number = 1; number <= Recording.HOPS_MAX + 5; number++) {
      SampleHop hop = new SampleHop();
      hop.window.put("gapMs", number == 1 ? 1.0 : number == 20 ? 500.0 : 100.0 + number);
      recording.begin(number, "node-1", "node-2");
      recording.end(hop.window, hop.report, 8, 1);
    }
    assertThat(recording.hops()).hasSize(Recording.HOPS_MAX);
    assertThat(recording.dropped()).isEqualTo(5);
    assertThat(recording.hops())
        .extracting(Timeline::number)
        .contains(1, 20, Recording.HOPS_MAX + 5)
        .doesNotContain(2, 3, 4, 5, 6)
        .isSorted();
  }

  @Test
  void whatRolesSayIsKeptUpToABound() throws Exception {
    recording.begin(1, "node-1", "node-2");
    JsonNode progress = new ObjectMapper().readTree("{\"event\":\"progress\",\"text\":\"x\"}");
    JsonNode notice =
        new ObjectMapper()
            .readTree("{\"event\":\"notice\",\"text\":\"%s\"}".formatted("x".repeat(5000)));
    for (int i = 0; i < 1000; i++) {
      recording.event("peer", progress);
      recording.event("peer", notice);
    }
    SampleHop hop = new SampleHop();
    recording.end(hop.window, hop.report, 8, 1);
    Timeline timeline = recording.hops().getFirst();
    assertThat(timeline.said()).hasSize(Recording.SAID_MAX);
    assertThat(timeline.said().getFirst().text()).hasSize(Recording.TEXT_MAX + 1);
  }
}
