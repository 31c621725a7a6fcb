package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Folders, files and links that packages want made at each boot ({@code tmpfiles.d}), as a script
 * for a guest without systemd.
 */
final class TemporaryFiles {
  static final String SCRIPT = "etc/architekt/tmpfiles";

  private TemporaryFiles() {}

  /** Writes the script, if any configuration of the root asks for something. */
  static void write(Path root) throws IOException {
    // A file in /etc replaces that of the same name in /usr/lib.
    Map<String, Path> files = new TreeMap<>();
    for (String folder : new String[] {"usr/lib/tmpfiles.d", "etc/tmpfiles.d"}) {
      Path path = root.resolve(folder);
      if (Files.isDirectory(path)) {
        try (Stream<Path> entries = Files.list(path)) {
          entries
              .filter(file -> file.toString().endsWith(".conf") && Files.isRegularFile(file))
              .forEach(file -> files.put(file.getFileName().toString(), file));
        }
      }
    }
    StringBuilder script = new StringBuilder();
    for (Path file : files.values()) {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        command(line).ifPresent(command -> script.append(command).append('\n'));
      }
    }
    if (!script.isEmpty()) {
      GuestFiles.write(
          root.resolve(SCRIPT),
          ("#!/bin/sh\n# Made from tmpfiles.d.\n" + script).getBytes(StandardCharsets.UTF_8),
          0755);
    }
  }

  /**
   * One line of {@code tmpfiles.d(5)} as a shell command; empty for comments, for what cleans up
   * and for what exists in running systems only.
   */
  static Optional<String> command(String line) {
    String[] fields = line.strip().split("\\s+", 7);
    if (line.isBlank() || line.strip().startsWith("#") || fields.length < 2) {
      return Optional.empty();
    }
    String path = fields[1].replaceFirst("^/var/run/", "/run/").replace("%t", "/run");
    if (!path.startsWith("/") || path.contains("%")) {
      return Optional.empty();
    }
    String quoted = CommandLine.quote(path);
    String argument = fields.length > 6 ? fields[6] : "";
    String make =
        switch (fields[0].replaceAll("[!=~^-]", "")) {
          case "d", "D", "e", "v", "q", "Q" -> "mkdir -p " + quoted;
          case "f" -> "[ -e " + quoted + " ] || printf '%s' " + single(argument) + " >" + quoted;
          case "f+", "F" -> "printf '%s' " + single(argument) + " >" + quoted;
          case "L", "L+" -> "[ -e " + quoted + " ] || ln -sfn " + single(argument) + " " + quoted;
          case "p" -> "[ -e " + quoted + " ] || mkfifo " + quoted;
          case "z" -> "[ -e " + quoted + " ]";
          default -> "";
        };
    if (make.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder command = new StringBuilder("{ ").append(make).append("; }");
    boolean link = fields[0].startsWith("L");
    String user = field(fields, 3);
    String group = field(fields, 4);
    if (!link && !(user.isEmpty() && group.isEmpty())) {
      command.append(" && chown ").append(CommandLine.quote(user + ":" + group)).append(' ');
      command.append(quoted);
    }
    // After the owner: a change of owner takes set-id bits away.
    String mode = field(fields, 2).replaceFirst("^[~:]+", "");
    if (!link && mode.matches("[0-7]{3,4}")) {
      command.append(" && chmod ").append(mode).append(' ').append(quoted);
    }
    return Optional.of(command.toString());
  }

  private static String field(String[] fields, int index) {
    return fields.length > index && !fields[index].equals("-") ? fields[index] : "";
  }

  private static String single(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
