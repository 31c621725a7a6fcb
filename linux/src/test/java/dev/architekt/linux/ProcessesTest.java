package dev.architekt.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProcessesTest {
  @TempDir Path folder;

  @Test
  void childHasExactlyTheDescriptorsItWasGiven() throws Exception {
    Path output = folder.resolve("out");
    Path first = Files.writeString(folder.resolve("first"), "1");
    Path second = Files.writeString(folder.resolve("second"), "2");
    // The JDK opens sockets without close-on-exec: the child must not keep this port.
    try (ServerSocketChannel port =
            ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        Fd a = Fd.open(first.toString(), Fd.O_RDONLY, 0);
        Fd b = Fd.open(second.toString(), Fd.O_RDONLY, 0)) {
      // Also when a number given is one that a descriptor has here: order must not matter.
      run(
          output,
          List.of(b, a),
          "for f in /proc/$$/fd/*; do echo ${f##*/} $(readlink $f); done; pwd; echo $X");
    }
    assertThat(Files.readString(output))
        .contains("0 /dev/null\n", "1 " + output + "\n", "2 " + output + "\n")
        .contains("3 " + second + "\n", "4 " + first + "\n", "\n/\nvalue of x\n")
        .doesNotContain("socket:");
  }

  @Test
  void childLeadsItsOwnSessionWithDefaultSignals() throws Exception {
    Path output = folder.resolve("out");
    long pid =
        run(
            output,
            List.of(),
            // exec: a shell blocks all signals while it starts a program, and would be read then.
            "cut -d' ' -f5,6 /proc/$$/stat; exec grep -E 'SigBlk|SigIgn' /proc/self/status");
    assertThat(Files.readString(output))
        .startsWith(pid + " " + pid + "\n")
        .contains("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
  }

  @Test
  void programThatCannotBeStartedIsNamed() {
    assertThatThrownBy(() ->
            Processes.spawnSession(List.of("/no/such"), Map.of(), folder.resolve("out"), List.of()))
        .isInstanceOfSatisfying(
            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("/no/such");
  }

  @Test
  void identityMatchesOnlyTheSameLivingProcess() throws Exception {
    long pid =
        Processes.spawnSession(
            List.of("/bin/sleep", "60"), Map.of(), folder.resolve("out"), List.of());
    ProcessIdentity identity = ProcessIdentity.of(pid);
    try (Pidfd process = identity.open().orElseThrow()) {
      ProcessIdentity reused =
          new ProcessIdentity(pid, identity.startTicks() - 1, identity.bootId());
      assertThat(reused.open()).isEmpty();
      ProcessIdentity otherBoot = new ProcessIdentity(pid, identity.startTicks(), "other");
      assertThat(otherBoot.open()).isEmpty();
      assertThat(Processes.reap(pid)).isEmpty();
      process.signal(Pidfd.SIGKILL);
      assertThat(process.awaitEnd(10_000)).isTrue();
      assertThat(identity.open()).as("a zombie").isEmpty();
      OptionalInt status = Processes.reap(pid);
      assertThat(Processes.describe(status.orElseThrow())).isEqualTo("signal 9");
    }
    assertThat(identity.open()).isEmpty();
  }

  private static long run(Path output, List<Fd> inherited, String script) throws Exception {
    long pid =
        Processes.spawnSession(
            List.of("/bin/sh", "-c", script),
            Map.of("PATH", "/usr/bin:/bin", "X", "value of x"),
            output,
            inherited);
    try (Pidfd process = Pidfd.open(pid)) {
      assertThat(process.awaitEnd(10_000)).isTrue();
    }
    assertThat(Processes.describe(Processes.reap(pid).orElseThrow())).isEqualTo("exit status 0");
    return pid;
  }
}
