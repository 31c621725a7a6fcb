package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Mosquitto without a listener in its configuration listens on the loopback device and lets anybody
 * in; this makes it listen to the outside and leaves the rest as it is.
 */
final class MosquittoListener {
  private static final String FOLDER = "etc/mosquitto";
  private static final String OUTSIDE =
      """
      # As without any listener, but for clients outside of the guest too.
      # A file beside this one with a listener of yours takes its place.
      listener 1883 0.0.0.0
      """;
  private static final String ANYBODY = "allow_anonymous true\n";

  private MosquittoListener() {}

  static void openToTheOutside(Path root) throws IOException {
    Path folder = root.resolve(FOLDER);
    Path main = folder.resolve("mosquitto.conf");
    Path parts = folder.resolve("conf.d");
    if (!Files.isRegularFile(main) || !Files.isDirectory(parts)) {
      return;
    }
    List<Path> files = new ArrayList<>(List.of(main));
    try (Stream<Path> entries = Files.list(parts)) {
      entries.filter(file -> file.toString().endsWith(".conf")).forEach(files::add);
    }
    boolean says = false;
    for (Path file : files) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        if (line.strip().matches("(listener|port|bind_address)\\s.*")) {
          return;
        }
        says |= line.strip().matches("(allow_anonymous|(password|acl|psk)_file|.*plugin)\\s.*");
      }
    }
    String text = says ? OUTSIDE : OUTSIDE + ANYBODY;
    GuestFiles.write(parts.resolve("architekt.conf"), text.getBytes(StandardCharsets.UTF_8), 0644);
  }
}
