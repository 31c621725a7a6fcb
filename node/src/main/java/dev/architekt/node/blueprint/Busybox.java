package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives a guest the commands that it lacks, as links to busybox. */
final class Busybox {
  /**
   * {@code hwclock}: the guest files have a stand-in. {@code dpkg}, {@code rpm}: there is no
   * package database.
   */
  private static final Set<String> LEFT_OUT =
      Set.of("hwclock", "dpkg", "dpkg-deb", "rpm", "rpm2cpio", "busybox");

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Busybox() {}

  static void install(Tool tool, Path root) throws IOException, InterruptedException {
    Path busybox = root.resolve("usr/bin/busybox");
    if (!Files.isRegularFile(busybox)) {
      throw new BlueprintException("busybox is not where Debian puts it: " + busybox);
    }
    // The guest's own program is static and of the host's architecture, so that it can be asked
    // here.
    String applets =
        tool.check(
            "list busybox's commands", List.of(busybox.toString(), "--list-full"), Map.of(), LIMIT);
    for (String applet : applets.lines().toList()) {
      Path link = root.resolve(applet);
      if (!LEFT_OUT.contains(link.getFileName().toString())
          && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(link.getParent().toRealPath());
        Files.createSymbolicLink(link, Path.of("/usr/bin/busybox"));
      }
    }
  }
}
