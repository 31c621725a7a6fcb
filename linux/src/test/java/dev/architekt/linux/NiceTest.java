package dev.architekt.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NiceTest {
  /** Field 19 of proc_pid_stat(5), counted after the name in parentheses. */
  private static int nice(Path stat) throws Exception {
    String text = Files.readString(stat);
    return Integer.parseInt(text.substring(text.lastIndexOf(')') + 2).split(" ")[16]);
  }

  @Test
  void aThreadHasAValueOfItsOwn() throws Exception {
    Path process = Path.of("/proc/self/task");
    int[] inside = new int[1];
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                Nice.set(7);
                inside[0] = nice(process.resolve(KernelThread.current().id() + "/stat"));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    thread.join();
    assertThat(inside[0]).isEqualTo(7);
    assertThat(nice(process.resolve(KernelThread.current().id() + "/stat"))).isNotEqualTo(7);
  }

  @Test
  void aValueOutsideTheRangeIsRefusedHere() {
    assertThatThrownBy(() -> Nice.set(20)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aProcessThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> Nice.set(1L << 22, 5)).isInstanceOf(LinuxException.class);
  }
}
