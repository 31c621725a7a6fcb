package dev.architekt.cli;

import dev.architekt.cli.text.Terminal;
import dev.architekt.node.doctor.Doctor;
import dev.architekt.node.doctor.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Says what this host has and lacks, and which accelerator VMs get and why.", ""},
    footer = {
      "",
      "Exit status 0 when nothing is missing, 1 otherwise.",
      "Examples:",
      "  architekt doctor",
      "  architekt doctor -o json"
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--cache-base-dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where VMs would be kept: its free space is shown (default: ${DEFAULT-VALUE}).")
  Path directory;

  @Mixin ListingOptions listing;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    listing.check(new Checks(spec));
    List<Finding> findings = new Doctor(directory).examine();
    if (listing.isTable()) {
      print(findings);
    } else {
      listing.all(findings.stream().map(DoctorCommand::object).toList());
    }
    return Doctor.healthy(findings) ? 0 : 1;
  }

  private static Map<String, Object> object(Finding finding) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", finding.name());
    object.put("status", finding.status().name());
    object.put("detail", finding.detail());
    object.put("remedy", finding.remedy());
    return object;
  }

  private static void print(List<Finding> findings) {
    Terminal terminal = Terminal.standardOutput();
    int width = findings.stream().mapToInt(f -> f.name().length()).max().orElse(0);
    for (Finding finding : findings) {
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

  private static String status(Terminal terminal, Finding finding) {
    String text = String.format("%-7s", finding.status());
    return switch (finding.status()) {
      case OK -> terminal.good(text);
      case WARN -> terminal.warning(text);
      case MISSING -> terminal.bad(text);
    };
  }
}
