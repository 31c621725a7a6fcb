package dev.architekt.node.packager;

import dev.architekt.archive.Manifest;
import dev.architekt.node.blueprint.BlueprintManifest;
import dev.architekt.node.doctor.TimeStampCounter;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a package says about the machine in it. */
final class Manifests {
  private static final Pattern VERSION = Pattern.compile("version ([0-9][0-9.]*)");

  /**
   * Guests calibrate to the host's counter once; a clock that is off by more than this is worse
   * than NTP corrects.
   */
  private static final int TSC_TOLERANCE_PPM = 250;

  private Manifests() {}

  static Manifest of(
      InstanceSpec spec, Optional<BlueprintManifest> blueprint, Path qemu, Instant now)
      throws IOException, InterruptedException {
    OptionalLong tsc = TimeStampCounter.khz();
    return new Manifest(
        Manifest.CURRENT,
        now,
        spec.name(),
        new Manifest.Machine(
            spec.cpus(),
            spec.memoryBytes(),
            spec.machineType(),
            spec.cpuModel(),
            spec.accelerator(),
            new Manifest.Hypervisor("qemu", version(qemu)),
            tsc.isPresent()
                ? Optional.of(new Manifest.Tsc(tsc.getAsLong(), TSC_TOLERANCE_PPM))
                : Optional.empty(),
            spec.commandLine(),
            spec.guestMac()),
        new Manifest.Hooks(spec.beforeSuspend(), spec.afterResume()),
        services(blueprint),
        Optional.empty(),
        Map.of(),
        List.of());
  }

  private static List<Manifest.Service> services(Optional<BlueprintManifest> blueprint) {
    List<Manifest.Service> services = new ArrayList<>();
    for (String port : blueprint.map(BlueprintManifest::ports).orElse(List.of())) {
      String[] parts = port.split("/");
      services.add(
          new Manifest.Service(parts[0] + "-" + parts[1], parts[0], Integer.parseInt(parts[1])));
    }
    return services;
  }

  private static String version(Path qemu) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(qemu.toString(), "--version").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(qemu + " --version does not end");
    }
    Matcher matcher = VERSION.matcher(output);
    if (!matcher.find()) {
      throw new IOException(
          qemu + " --version said \"" + output.strip() + "\", expected a version");
    }
    return matcher.group(1);
  }
}
