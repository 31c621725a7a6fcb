package dev.architekt.cli.demo;

import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * What a demo has started, written down so that whoever comes after a {@code kill -9} can remove
 * it.
 *
 * @param name of the demo, and the prefix of its namespaces
 * @param owner the demo's own process
 * @param work the folder of its files
 * @param kept whether it was left up on purpose; then its owner has ended and nothing is wrong
 * @param members the processes of its roles, oldest first
 */
record DemoRecord(
    String name, ProcessIdentity owner, Path work, boolean kept, List<ProcessIdentity> members) {
  static final int TEXT_MAX = 64 << 10;

  DemoRecord {
    // It becomes the names of namespaces and of a file: nothing else may get in from a file.
    if (!name.matches("[a-z][a-z0-9]{0,7}")) {
      throw new IllegalArgumentException("a demo called \"" + name + "\"");
    }
    if (!work.isAbsolute() || !work.getFileName().toString().startsWith(Demos.WORK_PREFIX)) {
      throw new IllegalArgumentException("a demo's files in " + work);
    }
    members = List.copyOf(members);
  }

  DemoRecord with(ProcessIdentity member) {
    List<ProcessIdentity> more = new ArrayList<>(members);
    more.add(member);
    return new DemoRecord(name, owner, work, kept, more);
  }

  DemoRecord asKept() {
    return new DemoRecord(name, owner, work, true, members);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append("name=").append(name).append('\n');
    text.append("owner=").append(text(owner)).append('\n');
    text.append("work=").append(work.toString().replace("\\", "\\\\")).append('\n');
    text.append("kept=").append(kept).append('\n');
    for (int i = 0; i < members.size(); i++) {
      text.append("member.").append(i).append('=').append(text(members.get(i))).append('\n');
    }
    return text.toString();
  }

  /** Reads {@link #text} back; an {@link IOException} says what is wrong. */
  static DemoRecord parse(String text) throws IOException {
    Properties fields = new Properties();
    try {
      fields.load(new StringReader(text));
      List<ProcessIdentity> members = new ArrayList<>();
      for (int i = 0; fields.containsKey("member." + i); i++) {
        members.add(identity(fields.getProperty("member." + i)));
      }
      return new DemoRecord(
          require(fields, "name"),
          identity(require(fields, "owner")),
          Path.of(require(fields, "work")),
          Boolean.parseBoolean(require(fields, "kept")),
          members);
    } catch (IllegalArgumentException e) {
      throw new IOException("not the record of a demo: " + e.getMessage(), e);
    }
  }

  private static String require(Properties fields, String key) {
    String value = fields.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static String text(ProcessIdentity process) {
    return process.pid() + " " + process.startTicks() + " " + process.bootId();
  }

  private static ProcessIdentity identity(String text) {
    String[] words = text.split(" ");
    if (words.length != 3) {
      throw new IllegalArgumentException("\"" + text + "\", expected PID START-TICKS BOOT-ID");
    }
    return new ProcessIdentity(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
  }
}
