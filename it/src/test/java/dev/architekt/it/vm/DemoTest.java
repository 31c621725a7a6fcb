package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.lab.Shell;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code architekt demo}, as a person runs it: it passes, its figures have the fields that were
 * promised, and whenever it is stopped nothing is left.
 */
@Tag("vm")
@Timeout(value = 400, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemoTest {
  private static final Path NAMESPACES = Path.of("/run/netns");

  /** One file a demo; says which folder is whose. */
  private static final Path DEMOS = Path.of("/run/architekt/demos");

  private static final List<String> HOP_FIELDS =
      List.of(
          "from",
          "to",
          "clientGapMs",
          "idleGapMs",
          "pauseMs",
          "totalMs",
          "bytesOnWire",
          "rounds",
          "chunksOnDemand");

  @TempDir Path folder;
  private Leftovers before;
  private Process demo;
  private String name = "";

  @BeforeEach
  void look() throws Exception {
    before = Leftovers.before();
  }

  @AfterEach
  void endDemo() throws Exception {
    if (demo != null && demo.isAlive()) {
      demo.destroy();
      if (!demo.waitFor(60, TimeUnit.SECONDS)) {
        demo.destroyForcibly();
      }
    }
  }

  @Test
  void passesAndItsFiguresHaveTheFieldsThatWerePromised() throws Exception {
    Path json = folder.resolve("demo.json");
    Path page = folder.resolve("demo.html");
    start("--hops", "2", "--json", json.toString(), "--record", page.toString());
    await("hosts are up");
    assertThat(demo.waitFor(380, TimeUnit.SECONDS)).isTrue();
    assertThat(demo.exitValue()).as(output()).isZero();
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertThat(figures.path("hops").size()).isEqualTo(2);
    for (JsonNode hop : figures.path("hops")) {
      HOP_FIELDS.forEach(field -> assertThat(hop.has(field)).as(field + " of " + hop).isTrue());
      assertThat(hop.path("pauseMs").asDouble()).isPositive();
      assertThat(hop.path("bytesOnWire").asLong()).isPositive();
    }
    requirePage(Files.readString(page));
    JsonNode client = figures.path("client");
    assertThat(client.path("requests").asLong()).isPositive();
    assertThat(client.path("acknowledgedWrites").asLong()).isPositive();
    for (String none : List.of("errors", "reconnects", "lostWrites")) {
      assertThat(client.path(none).asLong(-1)).as(none).isZero();
    }
    requireNothingLeft();
  }

  /** Each hop with its phases, its gap and bytes over time; nothing from elsewhere. */
  private static void requirePage(String page) {
    for (int hop = 1; hop <= 2; hop++) {
      int begin = page.indexOf("<section id=\"hop-" + hop + "\"");
      assertThat(begin).as("hop " + hop).isPositive();
      String section = page.substring(begin, page.indexOf("</section>", begin));
      assertThat(section)
          .contains("copy round 1", "switch-over", "post-copy", "class=\"latency\"")
          .contains("class=\"bytes\"", "client: no answer (gap)", "destination: load device state");
    }
    assertThat(page).contains("PASSED").doesNotContain("http:", "https:", "src=");
    assertThat(page.length()).isLessThan(200_000);
  }

  @ParameterizedTest
  @CsvSource({
    "Ctrl-C, hosts are up",
    "TERM, the VM starts",
    "Ctrl-C, clients are at work",
    "TERM, the VM moves",
    "Ctrl-C, the VM has moved"
  })
  void leavesNothingWhenItIsStopped(String how, String when) throws Exception {
    start("--hops", "3");
    await(when);
    if (how.equals("Ctrl-C")) {
      // A terminal signals every process of the foreground group.
      Shell.run("kill", "-INT", "--", "-" + demo.pid());
    } else {
      Processes.signal("TERM", demo.pid());
    }
    assertThat(demo.waitFor(90, TimeUnit.SECONDS)).as("ends: " + output()).isTrue();
    assertThat(demo.exitValue()).as(output()).isNotZero();
    requireNothingLeft();
  }

  private void start(String... words) throws IOException {
    // Its own group, as a terminal would give it; a background job's deafness to Ctrl-C is undone.
    List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
    command.addAll(List.of(ProofPackage.ARCHITEKT.toString(), "demo"));
    command.addAll(List.of(words));
    demo =
        new ProcessBuilder(command)
            .directory(GuestPrograms.projectRoot().toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out.txt").toFile())
            .start();
    demo.getOutputStream().close();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out.txt"));
  }

  /** Seen from outside: its hosts, its folder, what its peers say about themselves. */
  private void await(String stage) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
    while (!reached(stage)) {
      assertThat(demo.isAlive()).as("the demo ended before: " + stage + "\n" + output()).isTrue();
      assertThat(System.nanoTime()).as("no: " + stage + "\n" + output()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private boolean reached(String stage) throws Exception {
    if (name.isEmpty()) {
      name = findName();
    }
    return switch (stage) {
      case "hosts are up" -> Files.exists(NAMESPACES.resolve(name + "-client"));
      case "the VM starts" -> Files.exists(work().resolve("node-1/authority"));
      case "clients are at work" -> {
        if (!status(1).path("machine").asText().equals("RUNNING")) {
          yield false;
        }
        TimeUnit.SECONDS.sleep(4);
        yield true;
      }
      case "the VM moves" -> status(2).path("role").asText().equals("destination");
      case "the VM has moved" -> status(2).path("role").asText().equals("source");
      default -> throw new IllegalArgumentException(stage);
    };
  }

  /** Where this demo keeps everything. */
  private Path work() {
    return Path.of("/tmp", "architekt-demo-" + Long.toString(demo.pid(), 36));
  }

  /** What this demo's hosts are called: demo, demo2, …; empty as long as it has not said. */
  private String findName() throws IOException {
    for (String file : named(DEMOS, "demo")) {
      try {
        if (Files.readString(DEMOS.resolve(file)).contains(work().toString())) {
          return file;
        }
      } catch (NoSuchFileException e) {
        continue; // another demo, which ended
      }
    }
    return "";
  }

  private JsonNode status(int node) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try {
      return json.readTree(Files.readAllBytes(work().resolve("node-" + node + "/status.json")));
    } catch (NoSuchFileException e) {
      return json.createObjectNode();
    }
  }

  private void requireNothingLeft() throws Exception {
    assertThat(findName()).as("its record in " + DEMOS).isEmpty();
    assertThat(work()).doesNotExist();
    String hosts = name.isEmpty() ? "no such prefix" : name + "-";
    assertThat(before.after(hosts, work(), List.of())).isEmpty();
  }

  private static List<String> named(Path folder, String prefix) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(path -> path.getFileName().toString())
          .filter(file -> file.startsWith(prefix))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
