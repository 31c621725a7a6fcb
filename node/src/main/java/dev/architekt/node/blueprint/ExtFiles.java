package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Files of an ext file system inside a raw disk, read by {@code debugfs} of e2fsprogs: no loop
 * device, no mount, no right but to read the disk.
 */
final class ExtFiles {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Names that mean nothing to debugfs's own command line. */
  private static final String PLAIN = "[A-Za-z0-9][A-Za-z0-9._+~-]*";

  private final Tool tool;
  private final String device;

  ExtFiles(Tool tool, Path disk, PartitionTable.Partition partition) {
    this.tool = tool;
    this.device = disk + "?offset=" + partition.offset();
  }

  /** Names of the regular files and links in a folder; empty when there is no such folder. */
  List<String> list(String folder) throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    // /INODE/MODE/UID/GID/NAME/SIZE/
    for (String line : debugfs("ls -p " + folder).lines().toList()) {
      String[] fields = line.split("/");
      if (fields.length > 5 && fields[2].matches("1[02]\\d{4}") && fields[5].matches(PLAIN)) {
        names.add(fields[5]);
      }
    }
    return names;
  }

  boolean exists(String path) throws IOException, InterruptedException {
    return debugfs("stat " + path).contains("Inode:");
  }

  /** Copies a file out of the disk; false when it is not there, or empty. */
  boolean copy(String path, Path target) throws IOException, InterruptedException {
    debugfs("dump " + path + " " + target);
    return Files.isRegularFile(target) && Files.size(target) > 0;
  }

  private String debugfs(String request) throws IOException, InterruptedException {
    // It ends with status 0 whatever happened; what it printed tells.
    return tool.run(
            List.of(Tool.find("debugfs", "e2fsprogs"), "-c", "-R", request, device),
            Map.of("DEBUGFS_PAGER", "cat"),
            LIMIT)
        .out();
  }
}
