package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.it.guest.Guests;
import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.testkit.client.DownloadPattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Debian services as their packages bring them: made into a guest, packaged, inspected, started,
 * and moved there and back while a client of that service keeps one connection, or session, and one
 * conversation.
 */
@Tag("vm")
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServicesTest {
  private static final int MEMORY_MIB = 192;
  private static final int LARGE_BYTES = 32 << 20;
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofSeconds(240);

  /** Longer than any gap of a LAN, shorter than a client that had to connect again would take. */
  private static final double GAP_MS_MAX = 5_000;

  @Test
  void memcachedKeepsItsConnectionAndItsKeys() throws Exception {
    move("memcached", Guests.service("memcached"), "tcp/11211", "memcached", 11211);
  }

  @Tag("full")
  @Test
  void mosquittoDeliversEachMessageOnceAndInOrder() throws Exception {
    move("mosquitto", Guests.service("mosquitto"), "tcp/1883", "mqtt", 1883);
  }

  @Tag("full")
  @Test
  void nginxGoesOnWithADownloadAndAKeptConnection() throws Exception {
    Blueprint guest = Guests.webServer(DownloadPattern.bytes(LARGE_BYTES));
    move("nginx", guest, "tcp/80", "http", 80);
  }

  @Tag("full")
  @Test
  void postgresqlCommitsATransactionThatBeganOnAnotherHost() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/psql")), "there is no psql here");
    move("postgresql", Guests.database("demo"), "tcp/5432", "psql", 5432);
  }

  @Tag("full")
  @Test
  void minetestKeepsAPlayersSessionOverUdp() throws Exception {
    move("minetest-server", Guests.service("minetest-server"), "udp/30000", "minetest", 30000);
  }

  private static void move(
      String service, Blueprint blueprint, String declared, String kind, int port)
      throws Exception {
    assertThat(blueprint.manifest().services()).anyMatch(name -> name.startsWith(service));
    assertThat(blueprint.manifest().ports()).containsExactly(declared);
    Path ark = ProofPackage.get(service, blueprint, MEMORY_MIB);
    String inspected =
        Shell.run(SOON, List.of(ProofPackage.ARCHITEKT.toString(), "inspect", ark + "", "--json"));
    JsonNode parts = new ObjectMapper().readTree(inspected).path("parts");
    assertThat(parts.findValuesAsText("name")).contains("disk", "memory", "state");
    Lab.run(
        "svc",
        lab -> {
          lab.registry(1, ark);
          Role first = lab.newInstance(1);
          Role client = lab.conversation(kind, port);
          TimeUnit.SECONDS.sleep(2);
          Role second = takeOver(lab, first, 1, 2, service);
          takeOver(lab, second, 2, 1, service);
          TimeUnit.SECONDS.sleep(2);
          JsonNode end = client.ask("stop", "stopped", LONG);
          print(service, end);
          assertThat(end.path("sameConnection").asBoolean()).as(end.toString()).isTrue();
          assertThat(end.path("exchanges").asLong()).as(end.toString()).isGreaterThan(20);
          assertThat(end.path("gapMs").asDouble()).as(end.toString()).isLessThan(GAP_MS_MAX);
        });
  }

  private static Role takeOver(Lab lab, Role source, int from, int to, String service)
      throws Exception {
    Role destination = lab.peer(to, "--raddr", lab.raddr(from));
    JsonNode report = destination.await("report", LONG);
    destination.await("listening", SOON);
    assertThat(source.awaitEnd(SOON)).as("status of the peer that handed over").isZero();
    System.out.printf(
        Locale.ROOT,
        "%s, host %d to %d: paused %.1f ms of %.0f, %d rounds%n",
        service,
        from,
        to,
        report.path("pauseMs").asDouble(),
        report.path("totalMs").asDouble(),
        report.path("rounds").asInt());
    return destination;
  }

  private static void print(String service, JsonNode end) {
    System.out.printf(
        Locale.ROOT,
        "%s: %d exchanges with one client, longest without an answer %.0f ms; %s%n",
        service,
        end.path("exchanges").asLong(),
        end.path("gapMs").asDouble(),
        end.path("verified").asText());
  }
}
