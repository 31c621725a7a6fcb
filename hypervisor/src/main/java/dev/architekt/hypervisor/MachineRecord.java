package dev.architekt.hypervisor;

import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;

/**
 * All that a successor needs to find a running machine again and to fetch what its process holds.
 *
 * @param hypervisor the driver's {@link Hypervisor#name()}
 * @param process pid, start time and boot: never matches another process that got the same pid
 *     later
 * @param directory {@link MachineSpec#directory()}
 * @param descriptors numbers within the process, by role ({@link Descriptors})
 */
public record MachineRecord(
    String hypervisor,
    String name,
    UUID uuid,
    ProcessIdentity process,
    Path directory,
    long memoryBytes,
    Map<String, Integer> descriptors) {
  private static final String DESCRIPTOR = "descriptor.";
  private static final int TEXT_MAX = 64 << 10;

  public MachineRecord {
    descriptors = Map.copyOf(descriptors);
  }

  /** One {@code key=value} a line; {@link #parse} reads it back. */
  public String toText() {
    Map<String, String> lines = new TreeMap<>();
    lines.put("version", "1");
    lines.put("hypervisor", hypervisor);
    lines.put("name", name);
    lines.put("uuid", uuid.toString());
    lines.put("pid", Long.toString(process.pid()));
    lines.put("start-ticks", Long.toString(process.startTicks()));
    lines.put("boot-id", process.bootId());
    lines.put("directory", directory.toString());
    lines.put("memory-bytes", Long.toString(memoryBytes));
    descriptors.forEach((role, number) -> lines.put(DESCRIPTOR + role, number.toString()));
    StringBuilder text = new StringBuilder();
    // Backslashes are the only character that Properties would take apart in a value of ours.
    lines.forEach(
        (k, v) -> text.append(k).append('=').append(v.replace("\\", "\\\\")).append('\n'));
    return text.toString();
  }

  /** Reads {@link #toText}; an {@link IOException} says which field is missing or wrong. */
  public static MachineRecord parse(String text) throws IOException {
    if (text.length() > TEXT_MAX) {
      throw new IOException(
          "machine record of " + text.length() + " characters, expected at most " + TEXT_MAX);
    }
    Properties lines = new Properties();
    try {
      lines.load(new StringReader(text));
      if (!"1".equals(field(lines, "version"))) {
        throw new IOException(
            "machine record has version " + field(lines, "version") + ", expected 1");
      }
      Map<String, Integer> descriptors = new TreeMap<>();
      for (String key : lines.stringPropertyNames()) {
        if (key.startsWith(DESCRIPTOR)) {
          descriptors.put(key.substring(DESCRIPTOR.length()), Integer.valueOf(field(lines, key)));
        }
      }
      return new MachineRecord(
          field(lines, "hypervisor"),
          field(lines, "name"),
          UUID.fromString(field(lines, "uuid")),
          new ProcessIdentity(
              Long.parseLong(field(lines, "pid")),
              Long.parseLong(field(lines, "start-ticks")),
              field(lines, "boot-id")),
          Path.of(field(lines, "directory")),
          Long.parseLong(field(lines, "memory-bytes")),
          descriptors);
    } catch (IllegalArgumentException e) {
      throw new IOException("machine record is damaged: " + e.getMessage(), e);
    }
  }

  private static String field(Properties lines, String key) throws IOException {
    String value = lines.getProperty(key);
    if (value == null || value.isEmpty()) {
      throw new IOException("machine record has no " + key);
    }
    return value;
  }
}
