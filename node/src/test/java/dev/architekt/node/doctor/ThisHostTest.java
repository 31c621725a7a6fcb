package dev.architekt.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.node.doctor.Finding.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The doctor on the real host: everything is looked at, and nothing stays behind. */
@Tag("kernel")
class ThisHostTest {
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void examinesThisHostAndLeavesNothing() throws Exception {
    List<Finding> findings = new Doctor(Path.of("/tmp/architekt")).examine();
    findings.forEach(System.out::println);
    assertThat(findings).hasSizeGreaterThan(12);
    assertThat(findings)
        .filteredOn(f -> f.status() != Status.OK)
        .allSatisfy(f -> assertThat(f.remedy()).isNotBlank());
    assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain("architekt-doctor");
    Path named = Path.of("/run/netns");
    if (Files.isDirectory(named)) {
      try (Stream<Path> names = Files.list(named)) {
        long pid = ProcessHandle.current().pid();
        assertThat(names).noneMatch(name -> name.endsWith("doctor-" + pid));
      }
    }
  }
}
