package dev.architekt.node.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.architekt.node.state.ProcessLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On the control groups that this machine has, whichever version. */
@Tag("kernel")
class CgroupTest {
  private static final String NAME = "cgroup-test-" + ProcessHandle.current().pid();
  private static final ProcessLimits LIMITS =
      new ProcessLimits(OptionalDouble.of(0.5), OptionalInt.of(40));

  private static List<Path> folders() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all =
        Files.find(Path.of("/sys/fs/cgroup"), 4, (path, a) -> path.endsWith(NAME))) {
      all.forEach(found::add);
    }
    return found;
  }

  private static String value(String file) throws IOException {
    for (Path folder : folders()) {
      if (Files.exists(folder.resolve(file))) {
        return Files.readString(folder.resolve(file)).strip();
      }
    }
    return "none";
  }

  @Test
  void aProcessIsLimitedAndNothingIsLeftOfIt() throws Exception {
    assumeTrue(
        Files.isWritable(Path.of("/sys/fs/cgroup")) || Files.exists(Path.of("/sys/fs/cgroup/pids")),
        "needs root and control groups");
    Process process = new ProcessBuilder("sleep", "100").start();
    Cgroup group = Cgroup.of(NAME);
    try {
      group.limit(process.pid(), LIMITS);
      group.limit(process.pid(), LIMITS); // as after an adoption
      assertThat(value("pids.max")).isEqualTo("40");
      assertThat(List.of(value("cpu.max"), value("cpu.cfs_quota_us")))
          .containsAnyOf("50000 100000", "50000");
      assertThat(Files.readString(Path.of("/proc/" + process.pid() + "/cgroup")))
          .contains("architekt/" + NAME);
    } finally {
      process.destroyForcibly().waitFor();
      Cgroup.of(NAME).remove();
    }
    assertThat(folders()).isEmpty();
    Cgroup.of(NAME).remove();
  }
}
