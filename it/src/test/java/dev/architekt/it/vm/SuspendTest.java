package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.archive.ArkReader;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A VM whose process is asked to end is kept, and goes on where it was: out of a package, or out of
 * its directory when the process was killed while it wrote one.
 */
@Tag("vm")
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SuspendTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  @Test
  void aPeerSuspendsAndGoesOnAndTheVmMovesAfterwards() throws Exception {
    Lab.run(
        "susp",
        lab -> {
          lab.registry(1);
          Role peer = lab.newInstance(1, "--on-stop", "suspend");
          JsonNode first = lab.checker(SOON);
          set(lab, "color", "blue");
          // A second signal changes nothing: the VM is neither lost nor left half-way.
          Processes.signal("TERM", peer.pid());
          peer.await("suspending", SOON);
          Processes.signal("INT", peer.pid());
          Processes.signal("TERM", peer.pid());
          JsonNode suspended = peer.await("suspended", SOON);
          peer.await("packed", SOON);
          peer.awaitEnd(SOON);
          assertThat(lab.leftByMachines()).isEmpty();
          Path ark = lab.state(1).resolve("suspended.ark");
          assertThat(ark).exists();
          assertThat(lab.state(1).resolve("regions")).doesNotExist();

          Role again = lab.peer(1, "--on-stop", "suspend");
          JsonNode running = again.await("running", SOON);
          again.await("complete", SOON);
          assertThat(running.path("instance")).isEqualTo(suspended.path("instance"));
          assertThat(running.path("epoch").asLong()).isEqualTo(2);
          requireSame(lab, first);
          assertThat(get(lab, "color")).isEqualTo("blue");
          awaitGone(ark);

          Role next = lab.peer(2, "--raddr", lab.raddr(1));
          next.await("report", Lab.LONG);
          assertThat(again.awaitEnd(SOON))
              .as("a VM that was handed over is not suspended")
              .isZero();
          assertThat(lab.said(again, "suspending")).isFalse();
          requireSame(lab, first);
        });
  }

  @Tag("full")
  @Test
  void aRunnerSuspendsBackIntoItsPackageAndACrashLeavesTheOldOneWhole() throws Exception {
    Lab.run(
        "run",
        lab -> {
          Path ark = lab.work().resolve("one.ark");
          Files.copy(ProofPackage.get(), ark);
          Role runner = runner(lab, ark);
          String instance = runner.await("running", SOON).path("instance").asText();
          runner.await("complete", SOON);
          JsonNode first = lab.checker(SOON);
          set(lab, "color", "green");

          // In the middle of writing: what is written is a tenth of a minute's work.
          String before = index(ark);
          Processes.signal("TERM", runner.pid());
          runner.await("suspended", SOON);
          TimeUnit.MILLISECONDS.sleep(300);
          Processes.signal("KILL", runner.pid());
          assertThat(lab.said(runner, "packed")).as("it was killed too late").isFalse();
          assertThat(index(ark)).as("the package is the old one").isEqualTo(before);
          requireWhole(ark);

          Role again = runner(lab, ark);
          assertThat(again.await("restored", SOON).path("instance").asText()).isEqualTo(instance);
          again.await("ready", SOON);
          requireSame(lab, first);
          assertThat(get(lab, "color")).isEqualTo("green");

          Processes.signal("INT", again.pid());
          again.await("packed", SOON);
          again.awaitEnd(SOON);
          assertThat(index(ark)).isNotEqualTo(before);
          requireWhole(ark);
          assertThat(lab.leftByMachines()).isEmpty();
          try (var files = Files.list(lab.work())) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactly("one.ark");
          }

          Role third = runner(lab, ark);
          assertThat(third.await("running", SOON).path("instance").asText()).isEqualTo(instance);
          requireSame(lab, first);
          assertThat(get(lab, "color")).isEqualTo("green");
          third.await("complete", SOON);
        });
  }

  private static Role runner(Lab lab, Path ark) throws IOException {
    lab.watch(ark.resolveSibling("." + ark.getFileName() + ".running"));
    return lab.start(
        "runner",
        lab.topology().node(1),
        Map.of(),
        "runner",
        "--json",
        "--package-path",
        ark.toString(),
        "--address",
        Topology.INSTANCE + "/24",
        "--namespace-prefix",
        lab.vmPrefix());
  }

  /** The same boot, whose checker has found no wrong byte in RAM or on the disk, and goes on. */
  private static void requireSame(Lab lab, JsonNode first) throws Exception {
    JsonNode now = lab.checker(SOON);
    assertThat(now.path("bootId")).isEqualTo(first.path("bootId"));
    assertThat(now.path("errors").asLong(-1)).as(now.toString()).isZero();
    assertThat(now.path("diskErrors").asLong(-1)).as(now.toString()).isZero();
    assertThat(now.path("clockBack").asLong(-1)).as(now.toString()).isZero();
    assertThat(now.path("checked").asLong()).isGreaterThan(first.path("checked").asLong());
  }

  private static void set(Lab lab, String key, String value) throws Exception {
    assertThat(redis(lab, "SET " + key + " " + value, 1)).isEqualTo("+OK");
  }

  private static String get(Lab lab, String key) throws Exception {
    return redis(lab, "GET " + key, 2).lines().skip(1).findFirst().orElse("");
  }

  /** The first lines of the answer to an inline command, from the client's place. */
  private static String redis(Lab lab, String command, int lines) throws Exception {
    String script =
        "exec 3<>/dev/tcp/%s/6379; printf '%s\\r\\n' >&3; head -n %d <&3 | tr -d '\\r'"
            .formatted(Topology.INSTANCE, command, lines);
    List<String> all = lab.topology().enter(lab.topology().client());
    all.addAll(List.of("timeout", "20", "bash", "-c", script));
    return Shell.run(Duration.ofSeconds(30), all).strip();
  }

  private static String index(Path ark) throws IOException {
    try (ArkReader reader = ArkReader.open(ark)) {
      return reader.indexDigest();
    }
  }

  private static void requireWhole(Path ark) throws Exception {
    try (ArkReader reader = ArkReader.open(ark)) {
      reader.verify((done, total) -> {});
    }
  }

  private static void awaitGone(Path file) throws InterruptedException {
    for (int i = 0; i < 100 && Files.exists(file); i++) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(file).as("the package of a VM that runs on").doesNotExist();
  }
}
