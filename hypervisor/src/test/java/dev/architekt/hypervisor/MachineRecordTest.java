package dev.architekt.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineRecordTest {
  private static final MachineRecord RECORD =
      new MachineRecord(
          "qemu",
          "redis",
          UUID.fromString("64e6b6df-44fc-41fc-8890-b2aea7bd797e"),
          new ProcessIdentity(4711, 123456789L, "3b1c0000-0000-4000-8000-000000000000"),
          Path.of("/var/lib/with blank/back\\slash/=#!:ü"),
          256L << 20,
          Map.of("ram", 4, "fuse", 5, "nbd.root", 6));

  @Test
  void textIsReadBack() throws Exception {
    assertThat(MachineRecord.parse(RECORD.toText())).isEqualTo(RECORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"version", "pid", "start-ticks", "boot-id", "uuid", "directory", "memory-bytes"})
  void missingFieldIsNamed(String field) {
    String text = RECORD.toText().replaceAll("(?m)^" + field + "=.*\n", "");
    assertThatThrownBy(() -> MachineRecord.parse(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pid=x", "uuid=y", "descriptor.ram=-", "directory=\\u00zz"})
  void wrongFieldIsAnIoException(String line) {
    String text = RECORD.toText() + line + "\n";
    assertThatThrownBy(() -> MachineRecord.parse(text)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc,accel=kvm", "../x", "", "-S", "a b", "x\n"})
  void wordsThatWouldChangeACommandLineAreRefused(String word) {
    assertThatThrownBy(() -> new Platform(word, "qemu64", 1, Accelerator.TCG))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cpuModelMayCarryFeatures() {
    assertThat(
            new Platform("pc-q35-7.2", "qemu64,+ssse3,-svm,xlevel=5", 1, Accelerator.TCG)
                .cpuModel())
        .contains("+ssse3");
    assertThatThrownBy(() -> new Platform("pc-q35-7.2", "qemu64,+a/b", 1, Accelerator.TCG))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
