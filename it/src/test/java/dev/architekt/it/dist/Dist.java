package dev.architekt.it.dist;

import dev.architekt.cli.lab.Shell;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What {@code ./dev dist} makes, made once and again when what it is made from has changed. */
final class Dist {
  private static final Duration LIMIT = Duration.ofMinutes(8);
  private static final Path ROOT = GuestPrograms.projectRoot();
  private static final Path FOLDER = ROOT.resolve(".build/it-dist");

  private Dist() {}

  static synchronized Path tar() throws IOException, InterruptedException {
    build();
    return only(".tar.gz");
  }

  static synchronized Path deb() throws IOException, InterruptedException {
    build();
    return only(".deb");
  }

  /** The same content under a later revision, as an upgrade brings it. */
  static Path nextDeb(Path folder) throws IOException, InterruptedException {
    Path unpacked = folder.resolve("next");
    Path next = folder.resolve("next.deb");
    Shell.run(LIMIT, List.of("dpkg-deb", "-R", deb().toString(), unpacked.toString()));
    Path control = unpacked.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replaceFirst("(?m)^(Version: .*)-1$", "$1-2"));
    Shell.run(
        LIMIT,
        List.of(
            "dpkg-deb",
            "--root-owner-group",
            "-Zgzip",
            "-z1",
            "--build",
            unpacked.toString(),
            next.toString()));
    return next;
  }

  private static void build() throws IOException, InterruptedException {
    if (Files.isDirectory(FOLDER) && only(".deb") != null && !isStale(only(".deb"))) {
      return;
    }
    Shell.run(
        LIMIT, List.of(ROOT.resolve("dev").toString(), "dist", "--output", FOLDER.toString()));
  }

  private static boolean isStale(Path built) throws IOException {
    FileTime time = Files.getLastModifiedTime(built);
    for (String source : List.of(".build/cli.stamp", "scripts", "packaging", "docs", "README.md")) {
      if (!Files.exists(ROOT.resolve(source))) {
        return true;
      }
      try (Stream<Path> files = Files.walk(ROOT.resolve(source))) {
        for (Path file : files.toList()) {
          if (Files.getLastModifiedTime(file).compareTo(time) > 0) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static Path only(String ending) throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(ending)).findFirst().orElse(null);
    }
  }
}
