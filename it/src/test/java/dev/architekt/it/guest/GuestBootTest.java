package dev.architekt.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.node.blueprint.BlueprintManifest;
import dev.architekt.probe.JournalVerifier;
import dev.architekt.probe.LoadProfile;
import dev.architekt.probe.RedisLoad;
import dev.architekt.probe.WindowReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis guest under QEMU alone: what a blueprint promises to whoever boots it. */
@Tag("vm")
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuestBootTest {
  private static final int REDIS = 6379;
  private static final Pattern STATUS = Pattern.compile("([0-9a-f-]{36}) ([0-9]+)\\.([0-9]{6})");

  @TempDir static Path folder;

  private static PlainMachine machine;
  private static long firstAnswerMillis;

  @BeforeAll
  static void boot() throws Exception {
    Blueprint blueprint = Guests.redis();
    machine = new PlainMachine(blueprint, folder, 256, REDIS, BlueprintManifest.STATUS_PORT);
    assertThat(machine.awaitAnswer(REDIS, "PING", 60)).isEqualTo("+PONG");
    firstAnswerMillis = machine.millisSinceStart();
    System.out.println("boot to the first PONG: " + firstAnswerMillis + " ms");
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (machine != null) {
      machine.close();
    }
  }

  @Test
  void bootsSoFastThatTheInitIsNotTheReasonToWait() {
    // 5 s alone on a machine of this class; the limit leaves room for whatever else runs there.
    assertThat(firstAnswerMillis).isLessThan(20_000);
  }

  @Test
  void saysOnceThatItIsLiveOnPortAndConsole() throws Exception {
    assertThat(machine.read("live", "ARCHITEKT-LIVE\n", 30)).isEqualTo("ARCHITEKT-LIVE\n");
    assertThat(machine.console()).containsOnlyOnce("ARCHITEKT-LIVE");
  }

  @Test
  void statusTellsBootAndClockOfOneGuest() throws Exception {
    Matcher first = STATUS.matcher(machine.awaitAnswer(BlueprintManifest.STATUS_PORT, "?", 30));
    Matcher second = STATUS.matcher(machine.ask(BlueprintManifest.STATUS_PORT, "?"));
    assertThat(first.matches()).isTrue();
    assertThat(second.matches()).isTrue();
    assertThat(second.group(1)).isEqualTo(first.group(1));
    long hostSeconds = System.currentTimeMillis() / 1000;
    assertThat(Math.abs(Long.parseLong(second.group(2)) - hostSeconds)).isLessThan(3);
  }

  @Test
  void agentSetsTheClock() throws Exception {
    // What its agent demands for this is a hwclock that says yes.
    long nanos = System.currentTimeMillis() * 1_000_000;
    assertThat(
            machine.agent(
                "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":" + nanos + "}}"))
        .contains("\"return\"");
    assertThat(offsetMillis()).isBetween(-250L, 250L);
  }

  private static long offsetMillis() throws Exception {
    Matcher status = STATUS.matcher(machine.ask(BlueprintManifest.STATUS_PORT, "?"));
    assertThat(status.matches()).isTrue();
    long guest = Long.parseLong(status.group(2)) * 1000 + Long.parseLong(status.group(3)) / 1000;
    return guest - System.currentTimeMillis();
  }

  @Test
  void hooksRunInOrderAndTheFirstFailureCounts() throws Exception {
    shell(
        "cd /etc/architekt/before-suspend.d"
            + " && printf '#!/bin/sh\\necho one $1\\nexit 3\\n' >10-one"
            + " && printf '#!/bin/sh\\necho two $1\\nexit 4\\n' >20-two"
            + " && echo 'exit 9' >30-not-executable && chmod +x 10-one 20-two");
    String said = shell("/usr/lib/architekt/run-hooks before-suspend 2>&1; echo status $?");
    assertThat(said.lines().filter(line -> !line.startsWith("architekt:")))
        .containsExactly("one before-suspend", "two before-suspend", "status 3");
    assertThat(shell("/usr/lib/architekt/run-hooks after-resume; echo status $?"))
        .isEqualTo("status 0\n");
    assertThat(shell("/usr/lib/architekt/run-hooks reboot 2>/dev/null; echo status $?"))
        .isEqualTo("status 64\n");
  }

  @Test
  void everyWriteThatRedisAcknowledgedIsReadBackByAnotherClient() throws Exception {
    var load = new RedisLoad(machine.address(REDIS), LoadProfile.L1, System.nanoTime());
    load.start();
    Thread.sleep(5_000);
    WindowReport window = load.mark("end");
    load.stop();
    System.out.println("L1 against the guest: " + window);
    assertThat(window.errors()).isZero();
    assertThat(window.answers()).isGreaterThan(2_500);
    var verifier = new JournalVerifier("redis-cli", machine.address(REDIS), 120);
    assertThat(verifier.verify(load.journal()).lostWrites()).isZero();
  }

  @Test
  void runsTheServiceAsItsOwnUser() throws Exception {
    assertThat(shell("stat -c %U /proc/$(pidof redis-server)")).isEqualTo("redis\n");
  }

  @Test
  void nothingButTheServiceStaysOnTheDisk() throws Exception {
    assertThat(shell("df -m / | tail -n 1 | sed 's/  */ /g' | cut -d ' ' -f 3").strip())
        .satisfies(used -> assertThat(Integer.parseInt(used)).isLessThan(60));
  }

  /** Runs a command in the guest through its agent. */
  private static String shell(String script) throws Exception {
    String escaped = script.replace("\\", "\\\\").replace("\"", "\\\"");
    String started =
        machine.agent(
            "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/sh\",\"arg\":[\"-c\",\""
                + escaped
                + "\"],\"capture-output\":true}}");
    Matcher pid = Pattern.compile("\"pid\": *([0-9]+)").matcher(started);
    assertThat(pid.find()).as(started).isTrue();
    for (int i = 0; i < 200; i++) {
      String status =
          machine.agent(
              "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":" + pid.group(1) + "}}");
      if (status.contains("\"exited\": true")) {
        Matcher out = Pattern.compile("\"out-data\": *\"([^\"]*)\"").matcher(status);
        return out.find()
            ? new String(Base64.getDecoder().decode(out.group(1)), StandardCharsets.UTF_8)
            : "";
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the guest did not finish: " + script);
  }
}
