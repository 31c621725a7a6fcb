package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Users and groups of a root. */
final class Accounts {
  /** systemd's own range for users that exist only while their service runs. */
  private static final int DYNAMIC_FIRST = 61_184;

  private static final int DYNAMIC_LAST = 65_519;

  private final Path passwd;
  private final Path group;

  Accounts(Path root) {
    this.passwd = root.resolve("etc/passwd");
    this.group = root.resolve("etc/group");
  }

  /**
   * As whom a service runs.
   *
   * @param group name of the primary group
   * @param home the home directory
   */
  record Account(String user, String group, String home) {
    static final Account ROOT = new Account("root", "root", "/root");

    boolean isRoot() {
      return user.equals("root") && group.equals("root");
    }
  }

  /**
   * As whom the unit's service runs. A user that systemd would make up for the time of a run
   * ({@code DynamicUser}) is made for good: the guest has no other service to keep apart from it.
   *
   * @throws BlueprintException when the root has no such user
   */
  Account of(SystemdUnit unit) throws IOException {
    boolean dynamic = unit.last("DynamicUser", "no").matches("yes|true|on|1");
    String name =
        unit.last("User", dynamic ? unit.name().replaceAll("[^A-Za-z0-9_-]", "-") : "root");
    if (dynamic && find(name).isEmpty()) {
      add(name);
    }
    String[] fields =
        find(name)
            .orElseThrow(() ->
                new BlueprintException(
                    unit.name()
                        + ".service runs as user '"
                        + name
                        + "', and nothing made one; add it with --run (adduser --system "
                        + name
                        + ")"));
    if (fields.length < 7) {
      throw new BlueprintException(
          "the guest's /etc/passwd has an entry of "
              + fields.length
              + " fields for '"
              + name
              + "'");
    }
    String ownGroup = field(group, 2, fields[3]).map(entry -> entry[0]).orElse(fields[3]);
    return new Account(fields[0], unit.last("Group", ownGroup), fields[5]);
  }

  /** By name or number. */
  private Optional<String[]> find(String user) throws IOException {
    return field(passwd, user.matches("\\d+") ? 2 : 0, user);
  }

  private void add(String name) throws IOException {
    for (int id = DYNAMIC_FIRST; id <= DYNAMIC_LAST; id++) {
      String number = Integer.toString(id);
      if (field(passwd, 2, number).isEmpty() && field(group, 2, number).isEmpty()) {
        append(passwd, name + ":x:" + id + ":" + id + "::/:/usr/sbin/nologin\n");
        append(group, name + ":x:" + id + ":\n");
        return;
      }
    }
    throw new BlueprintException("no number is free for the user '" + name + "'");
  }

  private static void append(Path file, String line) throws IOException {
    Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  private static Optional<String[]> field(Path file, int column, String value) throws IOException {
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      String[] fields = line.split(":", -1);
      if (fields.length > column && fields[column].equals(value)) {
        return Optional.of(fields);
      }
    }
    return Optional.empty();
  }
}
