package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * PostgreSQL in Debian: {@code postgresql.service} starts nothing. A generator of systemd's makes a
 * unit of the template {@code postgresql@.service} for each cluster whose {@code start.conf} says
 * {@code auto}; this does the same.
 */
final class PostgresClusters {
  static final String META_UNIT = "postgresql";
  private static final String TEMPLATE = "usr/lib/systemd/system/postgresql@.service";

  private static final String OUTSIDE =
      """
      # Clients come from outside of the guest. Who may log in, and how, is for pg_hba.conf.
      listen_addresses = '*'
      """;

  /** Nobody gets in by this before a role has a password. */
  private static final String WITH_PASSWORD =
      """
      # From outside of the guest, with a password:
      host    all             all             all                     scram-sha-256
      """;

  private final Path root;

  PostgresClusters(Path root) {
    this.root = root;
  }

  /** Instances of the template, {@code postgresql@15-main}, with its file. */
  Map<String, Path> units() throws IOException {
    Map<String, Path> units = new TreeMap<>();
    Path template = root.resolve(TEMPLATE);
    if (Files.isRegularFile(template)) {
      for (Path cluster : clusters()) {
        units.put(
            "postgresql@" + cluster.getParent().getFileName() + "-" + cluster.getFileName(),
            template);
      }
    }
    return units;
  }

  /**
   * Lets clients reach each cluster, and lets those in that know a role's password; leaves alone
   * what says something about it already.
   */
  void openToTheOutside() throws IOException {
    for (Path cluster : clusters()) {
      Path conf = cluster.resolve("postgresql.conf");
      Path parts = cluster.resolve("conf.d");
      if (!says(conf, "listen_addresses") && !anySays(parts, "listen_addresses")) {
        GuestFiles.write(
            parts.resolve("00-architekt.conf"), OUTSIDE.getBytes(StandardCharsets.UTF_8), 0644);
      }
      Path access = cluster.resolve("pg_hba.conf");
      if (Files.isRegularFile(access) && onlyFromInside(access)) {
        Files.writeString(access, WITH_PASSWORD, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
      }
    }
  }

  private List<Path> clusters() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path version : folders(root.resolve("etc/postgresql"))) {
      for (Path cluster : folders(version)) {
        if (says(cluster.resolve("start.conf"), "auto")) {
          found.add(cluster);
        }
      }
    }
    return found;
  }

  private static List<Path> folders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static boolean anySays(Path folder, String word) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".conf")).toList()) {
          if (says(file, word)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean says(Path file, String word) throws IOException {
    return Files.isRegularFile(file)
        && Files.readAllLines(file, StandardCharsets.UTF_8).stream()
            .anyMatch(line -> line.strip().matches(word + "\\b.*"));
  }

  /** No line for hosts but those of the loopback addresses. */
  private static boolean onlyFromInside(Path access) throws IOException {
    return Files.readAllLines(access, StandardCharsets.UTF_8).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[0].startsWith("host") && fields.length > 3)
        .allMatch(fields -> fields[3].startsWith("127.") || fields[3].equals("::1/128"));
  }
}
