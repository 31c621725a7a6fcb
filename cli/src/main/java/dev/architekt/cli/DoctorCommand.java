package dev.architekt.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.text.Terminal;
import dev.architekt.node.doctor.Doctor;
import dev.architekt.node.doctor.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code architekt doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Says what this host has and lacks, and which accelerator VMs get and why.", ""},
    footer = {
      "",
      "Exit status 0 when nothing is missing, 1 otherwise.",
      "Example:",
      "  architekt doctor"
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--cache-base-dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where VMs would be kept: its free space is shown (default: ${DEFAULT-VALUE}).")
  Path directory;

  @Option(names = "--json", description = "Print one JSON object a finding.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    List<Finding> findings = new Doctor(directory).examine();
    ObjectMapper mapper = new ObjectMapper();
    Terminal terminal = Terminal.standardOutput();
    int width = findings.stream().mapToInt(f -> f.name().length()).max().orElse(0);
    for (Finding finding : findings) {
      if (json) {
        System.out.println(
            mapper.writeValueAsString(
                Map.of(
                    "name", finding.name(),
                    "status", finding.status().name(),
                    "detail", finding.detail(),
                    "remedy", finding.remedy())));
      } else {
        System.out.printf(
            "%s  %-" + width + "s  %s%n",
            status(terminal, finding),
            finding.name(),
            finding.detail());
        if (!finding.remedy().isBlank()) {
          System.out.printf("%-7s  %-" + width + "s  → %s%n", "", "", finding.remedy());
        }
      }
    }
    return Doctor.healthy(findings) ? 0 : 1;
  }

  private static String status(Terminal terminal, Finding finding) {
    String text = String.format("%-7s", finding.status());
    return switch (finding.status()) {
      case OK -> terminal.good(text);
      case WARN -> terminal.warning(text);
      case MISSING -> terminal.bad(text);
    };
  }
}
