package dev.architekt.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** First mistakes: each gets a message that says what was wrong, and the right exit status. */
final class OptionsTest {
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    return line.execute(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo --hops 0                  | --hops 0: expected a whole number from 1
          demo --hops three              | three
          demo --load L3                 | --load L3: expected L1 or L2
          demo --memory 1                | --memory 1: expected a whole number from 128
          demo --json /                  | --json /: is a folder
          demo --hopps 3                 | --hops
          demo 3                         | 3
          packager --memory-size 0       | --memory-size 0: expected a whole number from
          packager --cpu-count 0         | --cpu-count 0: expected a whole number from
          packager --accel fast          | --accel fast: expected auto or tcg or kvm
          packager --liveness-timeout 0  | --liveness-timeout 0: expected a whole number from
          registry --laddr 1337x         | --laddr 1337x: expected [HOST]:PORT
          registry --laddr :99999        | --laddr :99999: expected [HOST]:PORT
          peer --raddr nowhere           | --raddr nowhere: expected HOST:PORT
          peer --raddr h:1 --laddr x     | --laddr x: expected [HOST]:PORT
          peer --strategy best           | --strategy best: expected auto or pre-copy or post-copy
          peer --gap-target 0            | --gap-target 0: expected a whole number from
          peer --give-up-after 30        | --give-up-after 30: expected a time with its unit
          peer --give-up-after 0s        | --give-up-after 0s: expected a time with its unit
          peer --bandwidth fast          | --bandwidth fast: expected a rate with its unit
          peer --bandwidth 10kB/s        | --bandwidth 10kB/s: expected a rate with its unit
          peer --address 10.0.0          | --address 10.0.0: expected an IPv4 address
          peer --address 10.0.0.300/24   | --address 10.0.0.300/24: expected an IPv4 address
          peer --resume-timeout 0        | --resume-timeout 0: expected a whole number from
          peer --namespace-prefix Very_Long | --namespace-prefix Very_Long: expected
          blueprint                      | --package
          peeer                          | no command 'peeer'
          blueprint redis-server         | is not expected here; values follow the name of their option, as in --package redis-server
          peer localhost:1337            | as in --raddr localhost:1337
          blueprint --package Redis_X    | --package Redis_X: expected the name of a Debian package
          blueprint --package nginx --disk-size 3X | --disk-size 3X: expected
          blueprint --package nginx --overlay /nowhere | --overlay /nowhere: no such folder
          blueprint --package nginx --memory 1 | --memory 1: expected a whole number from 64
          blueprint --package nginx --cpus 65 | --cpus 65: expected a whole number from 1 to 64
          blueprint --package nginx --release Book | --release Book: expected
          blueprint --package nginx --mirror mirror.example.org | --mirror mirror.example.org: expected an address
          blueprint --package nginx --from-image a.qcow2 | --from-image takes the disk as it is
          """)
  void wrongUseIsExplainedWithStatus2(String words, String message) {
    assertThat(run(words.strip().split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message).contains("--help");
  }

  @Test
  void aPackageThatIsNotThereNamesTheCommandThatMakesOne(@TempDir Path folder) {
    Path ark = folder.resolve("none.ark");
    assertThat(run("registry", "--package-path", ark.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(ark.toString(), "no such file", "packager");
  }

  @Test
  void whatIsMissingIsSaidAllAtOnceWithWhereItComesFrom() {
    Checks check = new Checks(Main.commandLine().getSubcommands().get("demo").getCommandSpec());
    assertThatThrownBy(() -> check.programs("sh", "dash", "no-such-1", "one", "no-such-2", "two"))
        .hasMessage(
            "architekt demo needs no-such-1, no-such-2, which this host does not have; install them"
                + " with: apt-get install one two");
  }

  @Test
  void aFileThatIsNoPackageIsNotServed(@TempDir Path folder) throws Exception {
    Path ark = Files.writeString(folder.resolve("text.ark"), "hello");
    assertThat(run("registry", "--package-path", ark.toString(), "--laddr", ":0")).isEqualTo(1);
    assertThat(err.toString()).contains(ark.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "blueprint",
        "packager",
        "registry",
        "runner",
        "peer",
        "inspect",
        "stop",
        "console",
        "logs",
        "status",
        "doctor",
      })
  void everyHelpShowsExamples(String command) {
    CommandLine line = Main.commandLine();
    String help =
        command.isEmpty()
            ? line.getUsageMessage()
            : line.getSubcommands().get(command).getUsageMessage();
    assertThat(help).contains("architekt " + command);
    assertThat(help.lines()).allMatch(text -> text.length() <= 200);
    assertThat(help).doesNotContain("${");
  }

  @Test
  void theTalksFlagsAndDefaultsAreThere() {
    var commands = Main.commandLine().getSubcommands();
    String packager = commands.get("packager").getUsageMessage();
    assertThat(packager)
        .contains("--kernel-input-path", "out/blueprint/architekt.arkkernel")
        .contains("--initramfs-input-path", "--disk-input-path", "--cpu-count", "--memory-size")
        .contains("--package-output-path", "out/redis.ark", "--boot-args");
    assertThat(commands.get("registry").getUsageMessage())
        .contains("--package-path", "--laddr", ":1337");
    assertThat(commands.get("runner").getUsageMessage())
        .contains("--package-path", "out/redis.ark", "--resume-timeout");
    assertThat(commands.get("peer").getUsageMessage())
        .contains("--cache-base-dir", "out/cache", "--raddr", "--laddr", ":1338")
        .contains("--resume-timeout", "--namespace-prefix", "10.0.8.0/22", "10.0.15.0/24");
  }

  @Test
  void listingsAndLongRunningRolesSpeakInTheSameForms() {
    var commands = Main.commandLine().getSubcommands();
    for (String command : new String[] {"status", "inspect", "doctor"}) {
      assertThat(commands.get(command).getUsageMessage()).contains("-o, --output", "--json");
    }
    for (String command : new String[] {"packager", "registry", "runner", "peer"}) {
      assertThat(commands.get(command).getUsageMessage()).contains("--log-format", "--json");
    }
    assertThat(run("doctor", "-o", "xml")).isEqualTo(2);
    assertThat(err.toString()).contains("table or json or yaml");
  }

  @Test
  void completionKnowsEveryCommandThatIsShown() {
    String script = picocli.AutoComplete.bash("architekt", Main.commandLine());
    Main.commandLine()
        .getSubcommands()
        .forEach((name, command) -> {
          if (!command.getCommandSpec().usageMessage().hidden()) {
            assertThat(script).contains("_picocli_architekt_" + name);
          }
        });
    assertThat(script).contains("--on-stop", "--log-format", "--discard");
  }
}
