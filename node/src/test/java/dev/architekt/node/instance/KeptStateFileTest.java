package dev.architekt.node.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.core.KeptState;
import dev.architekt.migration.message.PageSet;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a granted switch-over needs to be delivered again comes back whole, or not at all. */
class KeptStateFileTest {
  @TempDir Path directory;
  private StateDirectory state;
  private KeptStateFile file;

  @BeforeEach
  void open() throws IOException {
    state = StateDirectory.open(directory.resolve("peer"));
    file = new KeptStateFile(state);
  }

  private static KeptState state(int attempt, int deviceBytes) {
    byte[] device = new byte[deviceBytes];
    for (int i = 0; i < deviceBytes; i++) {
      device[i] = (byte) (i * 31 + attempt);
    }
    return new KeptState(
        new UUID(1, 2),
        attempt,
        99,
        List.of(new PageSet(0, new long[] {3, -1}), new PageSet(2, new long[] {})),
        List.of(new byte[] {1, 2, 3}, new byte[10_240]),
        MemorySegment.ofArray(device));
  }

  private static void assertSame(KeptState found, KeptState expected) {
    assertThat(found.session()).isEqualTo(expected.session());
    assertThat(found.attempt()).isEqualTo(expected.attempt());
    assertThat(found.stoppedAtUnixNanos()).isEqualTo(expected.stoppedAtUnixNanos());
    assertThat(found.missing()).hasSameSizeAs(expected.missing());
    for (int i = 0; i < found.missing().size(); i++) {
      assertThat(found.missing().get(i).region()).isEqualTo(expected.missing().get(i).region());
      assertThat(found.missing().get(i).words()).isEqualTo(expected.missing().get(i).words());
    }
    assertThat(found.frames()).containsExactlyElementsOf(expected.frames());
    assertThat(found.device().toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(expected.device().toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void theLastOneIsRead() throws IOException {
    assertThat(file.read()).isEmpty();
    file.write(state(1, 500_000));
    file.write(state(2, 430_000));
    file.flush();
    assertSame(new KeptStateFile(state).read().orElseThrow(), state(2, 430_000));
    file.delete();
    assertThat(file.read()).isEmpty();
  }

  @Test
  void aFileThatAHostCrashLeftInPartIsNone() throws IOException {
    file.write(state(1, 10_000));
    Path path = state.file("kept-state");
    byte[] whole = Files.readAllBytes(path);
    for (int length : new int[] {0, 1, 7, 8, 60, whole.length - 1}) {
      Files.write(path, java.util.Arrays.copyOf(whole, length));
      assertThat(file.read()).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    for (int at = 0; at < whole.length; at += 97) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(path, damaged);
      assertThat(file.read()).as("byte %d flipped", at).isEmpty();
    }
  }
}
