package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import dev.architekt.it.guest.Guests;
import dev.architekt.it.web.Nginx;
import dev.architekt.node.blueprint.Blueprint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A package is started any number of times, and each start is an instance of its own; the guests
 * say themselves who they are, to whoever asks first. The package is one with two processors, two
 * disks and a trace of what is touched first.
 */
@Tag("vm")
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FreshStartTest {
  private static final String SECOND = "10.77.0.51";
  private static final int WEB_PORT = 8080;

  @TempDir static Path folder;
  private static Path ark;

  @BeforeAll
  static void packageTheGuest() throws Exception {
    Path data = folder.resolve("data.img");
    try (RandomAccessFile image = new RandomAccessFile(data.toFile(), "rw")) {
      image.setLength(64 << 20);
      image.write("from the package\n".getBytes(StandardCharsets.US_ASCII));
    }
    ark = folder.resolve("served/fresh.ark");
    Shell.Result made =
        packager(
            ark,
            "--cpu-count",
            "2",
            "--disk",
            "data=" + data,
            "--record",
            "--liveness-command",
            "redis-cli -h $ARCHITEKT_ADDRESS ping | grep PONG");
    assertThat(made.status()).as(made.output()).isZero();
    System.out.println(made.output());
  }

  private static Shell.Result packager(Path target, String... words)
      throws IOException, InterruptedException {
    Blueprint blueprint = Guests.proof();
    List<String> command = new ArrayList<>(List.of(ProofPackage.ARCHITEKT.toString(), "packager"));
    command.addAll(List.of("--kernel-input-path", blueprint.kernel().toString()));
    command.addAll(List.of("--initramfs-input-path", blueprint.initramfs().toString()));
    command.addAll(List.of("--disk-input-path", blueprint.disk().toString()));
    command.addAll(List.of("--memory-size", Integer.toString(ProofPackage.MEMORY_MIB)));
    command.addAll(List.of("--package-output-path", target.toString()));
    command.addAll(List.of(words));
    return Shell.attempt(Duration.ofMinutes(3), command);
  }

  @Test
  void twoInstancesOfOnePackageOnOneHostAreTwoAndAMoveChangesNeither() throws Exception {
    Lab.run(
        "fresh",
        lab -> {
          lab.registry(1, ark);
          String registry = lab.topology().nodeAddress(1) + ":1337";
          Role one = begin(lab, 1, 1338, Topology.INSTANCE, registry, Map.of());
          one.await("running", Lab.LONG);
          JsonNode first = ask(lab, Topology.INSTANCE, "written by the first");
          try (Nginx _ = web(lab)) {
            Role two = startKilledInBetween(lab);
            JsonNode second = ask(lab, SECOND, "?");
            System.out.println("first:  " + first + "\nsecond: " + second);
            requireTwo(first, second);
            assertThat(first.path("uuid").asText()).isEqualTo(instance(lab, one));
            assertThat(second.path("uuid").asText()).isEqualTo(instance(lab, two));
            assertThat(lab.said(one, "trace-unusable")).isFalse();

            Role moved = lab.peer(2, "--raddr", lab.raddr(1));
            moved.await("report", Lab.LONG);
            moved.await("listening", Lab.SOON);
            requireSame(first, ask(lab, Topology.INSTANCE, "?"));
            requireSame(second, ask(lab, SECOND, "?"));
            assertThat(lab.checker(Lab.SOON).path("errors").asLong()).isZero();
          }
        });
  }

  private static void requireTwo(JsonNode first, JsonNode second) {
    for (String own : List.of("machineId", "name", "uuid", "random")) {
      assertThat(first.path(own).asText()).as(own).isNotEmpty();
      assertThat(second.path(own).asText()).as(own).isNotEqualTo(first.path(own).asText());
    }
    for (String common : List.of("boot", "card", "data")) {
      assertThat(second.path(common).asText()).as(common).isEqualTo(first.path(common).asText());
    }
    assertThat(first.path("name").asText())
        .isEqualTo("proof-" + first.path("machineId").asText().substring(0, 8));
    assertThat(first.path("cpus").asInt()).isEqualTo(2);
    assertThat(first.path("data").asText()).isEqualTo("from the package");
    assertThat(first.path("written").asText()).isEqualTo("written by the first");
    assertThat(second.path("written").asText()).isEmpty();
  }

  private static void requireSame(JsonNode before, JsonNode after) {
    for (String own :
        List.of("machineId", "name", "uuid", "boot", "card", "cpus", "data", "written")) {
      assertThat(after.path(own).asText()).as(own).isEqualTo(before.path(own).asText());
    }
  }

  private static JsonNode ask(Lab lab, String address, String line) throws Exception {
    return lab.ask(address, Guests.IDENTITY_PORT, line, Lab.SOON);
  }

  private static Nginx web(Lab lab) throws Exception {
    List<String> enter = lab.topology().enter(lab.topology().node(2));
    return Nginx.start(
        enter, Files.createDirectory(lab.work().resolve("web")), ark.getParent(), WEB_PORT);
  }

  /** A peer on host 1 with a directory of its own: {@code lab.state(number)}. */
  private static Role begin(
      Lab lab, int number, int port, String address, String raddr, Map<String, String> environment)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("peer", "--json", "--name", "peer-" + number));
    words.addAll(List.of("--cache-base-dir", lab.state(number).toString(), "--laddr", ":" + port));
    words.addAll(List.of("--namespace-prefix", lab.vmPrefix(), "--address", address + "/24"));
    words.addAll(List.of("--raddr", raddr, "--on-stop", "stop"));
    return lab.start(
        "peer " + number, lab.topology().node(1), environment, words.toArray(String[]::new));
  }

  /**
   * From the web server; when its peer is killed, the guest runs already and is not one of its own
   * yet.
   */
  private static Role startKilledInBetween(Lab lab) throws Exception {
    String url = "http://" + lab.topology().nodeAddress(2) + ":" + WEB_PORT + "/fresh.ark";
    Map<String, String> stop = Map.of("ARCHITEKT_STOP_AT", "start.IDENTITY.before");
    Role killed = begin(lab, 3, 1339, SECOND, url, stop);
    Processes.awaitStopped(killed.pid(), Lab.SOON);
    Processes.signal("KILL", killed.pid());
    Role successor = begin(lab, 3, 1339, SECOND, url, Map.of());
    successor.await("running", Lab.LONG);
    return successor;
  }

  private static String instance(Lab lab, Role peer) {
    return lab.events(peer).stream()
        .filter(event -> event.path("event").asText().equals("running"))
        .findFirst()
        .orElseThrow()
        .path("instance")
        .asText();
  }

  @Test
  void aGuestThatDoesNotServeAfterAResumeMakesNoPackage() throws Exception {
    Path target = Files.createDirectories(folder.resolve("broken")).resolve("broken.ark");
    Shell.Result result =
        packager(target, "--boot-args", "break-after-resume", "--resume-timeout", "6");
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("does not serve once it has been suspended and resumed")
        .contains("no package was written")
        .contains("--no-resume-check");
    try (var left = Files.list(target.getParent())) {
      assertThat(left).as("what is left beside it").isEmpty();
    }
  }
}
