package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.StateDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuspendedTest {
  @TempDir Path folder;
  private StateDirectory state;
  private Path ark;

  @BeforeEach
  void open() throws Exception {
    state = StateDirectory.open(folder.resolve("state"));
    ark = TestPackages.write(folder.resolve("it.ark"), "redis-server", "suspended");
  }

  private static Suspended inPlace() {
    return new Suspended(
        "0f0e0d0c-0000-4000-8000-000000000001",
        "redis-server",
        Optional.of("10.77.0.50/24"),
        7,
        "2026-03-01T12:00:00Z",
        Optional.empty(),
        "");
  }

  @Test
  void theRecordIsReadAsItWasWritten() throws Exception {
    assertThat(Suspended.read(state)).isEmpty();
    inPlace().write(state);
    assertThat(Suspended.read(state)).contains(inPlace());
    Suspended packed = inPlace().into(ark, SuspendedPackage.index(ark));
    packed.write(state);
    assertThat(Suspended.of(state.path())).contains(packed);
    assertThat(packed.requirePackage(state)).isEqualTo(ark);
    assertThat(packed.identity())
        .isEqualTo(
            new SuspendedPackage.Identity(packed.instance(), Optional.of("10.77.0.50/24"), 7));
  }

  @Test
  void aPackageThatIsAnotherOneOrGoneIsNamedWithWhatToDo() throws Exception {
    Suspended packed = inPlace().into(ark, SuspendedPackage.index(ark));
    TestPackages.write(ark, "redis-server", "another");
    assertThatThrownBy(() -> packed.requirePackage(state))
        .hasMessageContaining(ark.toString())
        .hasMessageContaining("holds another one now")
        .hasMessageContaining("suspended.json");
    Files.delete(ark);
    assertThatThrownBy(() -> packed.requirePackage(state))
        .hasMessageContaining(ark.toString())
        .hasMessageContaining("bring that package back");
  }

  @Test
  void aDamagedRecordIsNamed() throws Exception {
    state.write(Suspended.FILE, "{\"instance\": 3".getBytes());
    assertThatThrownBy(() -> Suspended.read(state)).hasMessageContaining("suspended.json");
    state.write(Suspended.FILE, "{}".getBytes());
    assertThatThrownBy(() -> Suspended.read(state)).hasMessageContaining("damaged");
  }

  @Test
  void aPackageThatNeverRanIsNobody() throws Exception {
    assertThat(SuspendedPackage.identity(ark)).isEmpty();
  }

  @Test
  void clearingADirectoryKeepsWhatIsNotItsOwn() throws Exception {
    inPlace().write(state);
    Files.createDirectories(state.region("memory"));
    Files.writeString(state.region("memory").resolve("data"), "x");
    Files.writeString(state.file("mine.txt"), "keep");
    state.clear();
    try (var files = Files.list(state.path())) {
      assertThat(files).containsExactly(state.file("mine.txt"));
    }
    Files.delete(state.file("mine.txt"));
    state.clear();
    assertThat(state.path()).doesNotExist();
  }
}
