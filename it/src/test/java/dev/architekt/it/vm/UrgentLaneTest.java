package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.lab.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for one page does not wait behind the pages that nobody waits for. */
@Tag("vm")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UrgentLaneTest {
  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  /** Of a line of 200 Mbit/s: 16 MiB of background on their way take 670 ms. */
  private static final double LIMIT_MS = 250;

  @Test
  void aDemandIsNotHeldUpByTheBackground() throws Exception {
    Lab.run(
        "lane",
        lab -> {
          lab.registry(1);
          lab.slow(2, "200mbit");
          List<String> command = lab.topology().enter(lab.topology().node(2));
          command.addAll(List.of("env", LabIdentities.environment(2)));
          String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
          command.addAll(List.of(java, "-Xmx256m", "--enable-native-access=ALL-UNNAMED"));
          command.addAll(List.of("-cp", System.getProperty("java.class.path")));
          command.addAll(
              List.of(UrgentLaneMeter.class.getName(), lab.topology().nodeAddress(1) + ":1337"));
          String output = Shell.run(Duration.ofSeconds(90), command);
          String line = output.lines().filter(l -> l.startsWith("{")).findFirst().orElseThrow();
          System.out.println("demand reads of single pages: " + line);
          JsonNode figures = new ObjectMapper().readTree(line);
          assertThat(figures.path("bulkStillGoing").asBoolean()).as(line).isTrue();
          assertThat(figures.path("underBulkP50Ms").asDouble()).as(line).isLessThan(LIMIT_MS);
        });
  }
}
