package dev.architekt.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemosTest {
  private static final Path WORK = Path.of("/tmp/architekt-demo-test");
  @TempDir Path run;
  private Demos demos;
  private ProcessIdentity self;

  @BeforeEach
  void open() throws IOException {
    demos = new Demos(run.resolve("architekt/demos"));
    self = ProcessIdentity.of(ProcessHandle.current().pid());
  }

  private ProcessIdentity dead() throws Exception {
    Process process = new ProcessBuilder("sleep", "60").start();
    ProcessIdentity identity = ProcessIdentity.of(process.pid());
    process.destroyForcibly().waitFor();
    return identity;
  }

  @Test
  void twoDemosHaveTwoNames() throws Exception {
    assertThat(demos.claim(WORK).name()).isEqualTo("demo");
    assertThat(demos.claim(WORK).name()).isEqualTo("demo2");
    assertThat(demos.list())
        .extracting(DemoRecord::name)
        .containsExactlyInAnyOrder("demo", "demo2");
  }

  @Test
  void aNameIsFreeAgainAndTheFolderGoneAfterTheLast() throws Exception {
    demos.delete(demos.claim(WORK));
    assertThat(run.resolve("architekt")).doesNotExist();
    assertThat(demos.list()).isEmpty();
    assertThat(demos.claim(WORK).name()).isEqualTo("demo");
  }

  @Test
  void theTenthDemoIsRefusedWithTheWayOut() throws Exception {
    for (int i = 0; i < 9; i++) {
      demos.claim(WORK);
    }
    assertThatIOException()
        .isThrownBy(() -> demos.claim(WORK))
        .withMessageContaining("demo --remove");
  }

  @Test
  void whatADemoStartsIsReadBack() throws Exception {
    DemoRecord record = demos.claim(WORK).with(self).with(new ProcessIdentity(7, 8, "boot"));
    demos.replace(record);
    assertThat(demos.list()).containsExactly(record);
  }

  @Test
  void onlyADeadDemoThatNobodyKeptIsAbandoned() throws Exception {
    DemoRecord alive = demos.claim(WORK);
    DemoRecord killed = new DemoRecord("demo2", dead(), WORK, false, List.of());
    assertThat(Demos.isAbandoned(alive)).isFalse();
    assertThat(Demos.isAbandoned(killed)).isTrue();
    assertThat(Demos.isAbandoned(killed.asKept())).isFalse();
  }

  @Test
  void aProcessThatGotADeadDemosPidIsNotThatDemo() throws Exception {
    ProcessIdentity other = new ProcessIdentity(self.pid(), self.startTicks() - 1, self.bootId());
    assertThat(Demos.isAbandoned(new DemoRecord("demo", other, WORK, false, List.of()))).isTrue();
    ProcessIdentity before = new ProcessIdentity(self.pid(), self.startTicks(), "earlier-boot");
    assertThat(Demos.isAbandoned(new DemoRecord("demo", before, WORK, false, List.of()))).isTrue();
  }

  @Test
  void oneOfTwoRemoversIsFasterAndTheNameIsTakenUntilItIsDone() throws Exception {
    DemoRecord record = demos.claim(WORK);
    assertThat(demos.beginRemoval(record)).isTrue();
    assertThat(demos.beginRemoval(record)).isFalse();
    assertThat(demos.claim(WORK).name()).isEqualTo("demo2");
    demos.endRemoval(record);
    assertThat(demos.claim(WORK).name()).isEqualTo("demo");
  }

  @Test
  void theRemovalOfAKilledRemoverIsTakenUp() throws Exception {
    DemoRecord record = demos.claim(WORK);
    Path folder = run.resolve("architekt/demos");
    Files.move(folder.resolve("demo"), folder.resolve("demo.removing-" + dead().pid()));
    assertThat(demos.list()).containsExactly(record);
    assertThat(demos.beginRemoval(record)).isTrue();
  }

  @Test
  void anUnreadableRecordSaysWhichFile() throws Exception {
    demos.claim(WORK);
    Path file = run.resolve("architekt/demos/demo");
    Files.writeString(file, "name=../../etc\nowner=1 2 3\nwork=/tmp/architekt-demo-x\nkept=true\n");
    assertThatIOException()
        .isThrownBy(() -> demos.list())
        .withMessageContaining(file.toString())
        .withMessageContaining("../../etc");
  }

  @Test
  void aRecordCannotNameAFolderThatIsNoDemos() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DemoRecord("demo", self, Path.of("/etc"), false, List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new DemoRecord("demo", self, Path.of("architekt-demo-x"), false, List.of()));
  }
}
