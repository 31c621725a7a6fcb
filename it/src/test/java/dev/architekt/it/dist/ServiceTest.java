package dev.architekt.it.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.it.vm.ProofPackage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The package's service under a real systemd: a VM and its clients do not notice that the service
 * is restarted, upgraded and stopped; and a removal never costs a VM.
 */
@Tag("vm")
@Tag("full")
@Timeout(value = 900, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServiceTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String STATE = "/var/lib/architekt/web";
  private static final Pattern REACHED = Pattern.compile("reaches it at ([0-9.]+)");

  @TempDir Path folder;

  @Test
  void aVmRunsThroughRestartUpgradeAndStopOfItsService() throws Exception {
    try (BareRoot bare = BareRoot.booted(BareRoot.Network.OWN)) {
      bare.copyIn(Dist.deb(), "/root/architekt.deb");
      bare.run("apt-get install -y /root/architekt.deb");
      assertThat(bare.run("systemd-analyze verify architekt-node@web.service")).isEmpty();
      bare.copyIn(ProofPackage.get(), "/root/proof.ark");
      Role registry =
          bare.role("registry", "registry", "--package-path", "/root/proof.ark", "--json");
      registry.await("listening", SOON);
      bare.run(
          "mkdir -p /etc/architekt; echo 'ARCHITEKT_OPTIONS=\"--raddr localhost:1337\"' >/etc/architekt/web.conf;"
              + " systemctl start architekt-node@web");
      String address = awaitAddress(bare);
      awaitLog(bare, "all of it");
      registry.close();
      long machine = machine(bare);
      Role load = bare.role("load", "probe", "load", "L1", address + ":6379", "1");
      load.await("started", SOON);

      bare.run("systemctl restart architekt-node@web");
      awaitPeer(bare);
      assertThat(machine(bare)).as("after a restart").isEqualTo(machine);
      requireAnswers(load);

      bare.copyIn(Dist.nextDeb(folder), "/root/next.deb");
      bare.run("dpkg -i /root/next.deb");
      assertThat(bare.run("dpkg-query -W -f '${Version}' architekt")).endsWith("-2");
      awaitPeer(bare);
      assertThat(machine(bare)).as("after an upgrade").isEqualTo(machine);
      requireAnswers(load);

      Shell.Result removal = bare.attempt("apt-get remove -y architekt");
      assertThat(removal.status()).as("a removal with a VM").isNotZero();
      assertThat(removal.output()).contains(STATE, "architekt stop");
      awaitPeer(bare);

      JsonNode end = load.ask("{\"command\":\"stop\"}", "stopped", SOON);
      assertThat(end.path("reconnects").asLong(-1)).as(end.toString()).isZero();
      assertThat(end.path("errors").asLong(-1)).as(end.toString()).isZero();
      assertThat(end.path("socketsAtEnd")).isEqualTo(end.path("socketsAtStart"));
      load.close();

      bare.run("systemctl stop architekt-node@web");
      assertThat(alive(bare, machine)).as("the VM after the service's stop").isTrue();
      bare.run("systemctl start architekt-node@web");
      awaitPeer(bare);
      assertThat(bare.run("architekt stop --discard --cache-base-dir " + STATE)).contains("ended");
      assertThat(alive(bare, machine)).as("the VM after architekt stop").isFalse();
      assertThat(bare.attempt("systemctl is-failed architekt-node@web").output())
          .isEqualTo("inactive");

      bare.run("apt-get purge -y architekt");
      assertThat(BareRootTest.left(bare)).isEmpty();
    }
  }

  private static void requireAnswers(Role load) throws Exception {
    load.ask("{\"command\":\"mark\",\"label\":\"now\"}", "window", SOON);
    TimeUnit.SECONDS.sleep(1);
    JsonNode window = load.ask("{\"command\":\"mark\",\"label\":\"more\"}", "window", SOON);
    assertThat(window.path("answers").asLong()).as(window.toString()).isPositive();
    assertThat(window.path("resets").asLong(-1)).as(window.toString()).isZero();
  }

  private static String log(BareRoot bare) throws Exception {
    return bare.run("journalctl -q --no-pager -u architekt-node@web");
  }

  private static void awaitLog(BareRoot bare, String words) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    while (!log(bare).contains(words)) {
      assertThat(System.nanoTime()).as("no '" + words + "' in " + log(bare)).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static String awaitAddress(BareRoot bare) throws Exception {
    awaitLog(bare, "reaches it at");
    Matcher reached = REACHED.matcher(log(bare));
    assertThat(reached.find()).isTrue();
    return reached.group(1);
  }

  /** Until the service's present process offers the VM. */
  private static void awaitPeer(BareRoot bare) throws Exception {
    String script =
        "pid=$(systemctl show -P MainPID architekt-node@web);"
            + " journalctl -q --no-pager _PID=$pid | grep -q 'may take it over'";
    long end = System.nanoTime() + SOON.toNanos();
    while (bare.attempt(script).status() != 0) {
      assertThat(System.nanoTime()).as(log(bare)).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static long machine(BareRoot bare) throws Exception {
    return Long.parseLong(bare.run("cat /run/architekt/*/qemu.pid").strip());
  }

  private static boolean alive(BareRoot bare, long pid) throws Exception {
    return bare.attempt("grep -q '^State:.[^Z]' /proc/" + pid + "/status").status() == 0;
  }
}
