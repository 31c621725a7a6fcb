package dev.architekt.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PidfdTest {
  @TempDir Path directory;

  @Test
  void aProcessIsAwaitedAndSignalledThroughItsPidfd() throws Exception {
    Process process = new ProcessBuilder("sleep", "100").start();
    try (Pidfd pidfd = Pidfd.open(process.pid())) {
      assertThat(pidfd.hasEnded()).isFalse();
      assertThat(pidfd.awaitEnd(20)).isFalse();
      pidfd.signal(Pidfd.SIGTERM);
      assertThat(pidfd.awaitEnd(10_000)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aDescriptorFetchedFromAProcessIsTheSameOpenFile() throws IOException {
    Path path = directory.resolve("file");
    try (Pidfd self = Pidfd.open(ProcessHandle.current().pid());
        Fd original = Fd.open(path.toString(), Fd.O_RDWR | Fd.O_CREAT, 0600);
        Fd copy = self.descriptor(original.number());
        Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom("shared");
      assertThat(Vectors.write(copy, text.asSlice(0, 3), text.asSlice(3, 3))).isEqualTo(6);
      assertThat(Files.readString(path)).isEqualTo("shared");
      // The offset is shared as well, so the original is at the end.
      assertThat(Vectors.read(original, text)).isZero();
      assertThatThrownBy(() -> self.descriptor(1_000_000))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }
  }

  @Test
  void noProcessIsNoSuchProcess() {
    assertThatThrownBy(() -> Pidfd.open(4_194_304 - 1))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH));
  }

  @Test
  void aNudgeEndsABlockingReadWithoutHarmingAnythingElse() throws Exception {
    Process silent = new ProcessBuilder("sleep", "100").start();
    try (Fd pipe = Fd.open("/proc/self/fd/" + pipeOf(silent), Fd.O_RDONLY, 0);
        Arena arena = Arena.ofShared()) {
      MemorySegment buffer = arena.allocate(1);
      long[] result = new long[1];
      KernelThread[] reader = new KernelThread[1];
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                synchronized (reader) {
                  reader[0] = KernelThread.current();
                }
                result[0] = Messages.receive(pipe, buffer);
              });
      while (thread.isAlive()) {
        synchronized (reader) {
          if (reader[0] != null) {
            reader[0].nudge();
          }
        }
        thread.join(5);
      }
      assertThat(result[0]).isEqualTo(-Errno.EINTR);
    } finally {
      silent.destroyForcibly();
    }
  }

  /** A pipe into which nobody writes: the standard output of a process that says nothing. */
  private static int pipeOf(Process process) throws IOException {
    Path wanted = Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/fd/1"));
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries
          .filter(entry -> leadsTo(entry, wanted))
          .mapToInt(entry -> Integer.parseInt(entry.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean leadsTo(Path entry, Path wanted) {
    try {
      return Files.readSymbolicLink(entry).equals(wanted);
    } catch (IOException e) {
      // The directory's own descriptor, closed by now.
      return false;
    }
  }
}
