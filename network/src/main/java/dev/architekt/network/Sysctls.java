package dev.architekt.network;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Kernel settings under {@code /proc/sys/net}, of the calling thread's network namespace. */
final class Sysctls {
  private static final int VALUE_MAX = 256;
  private static final Path NET = Path.of("/proc/sys/net");

  private Sysctls() {}

  static String get(String name) throws IOException {
    try (InputStream in = Files.newInputStream(NET.resolve(name))) {
      // In one read: of the rest of a value such a file knows nothing, and says that it ends.
      byte[] value = new byte[VALUE_MAX];
      int length = in.read(value);
      return new String(value, 0, Math.max(0, length), StandardCharsets.US_ASCII).strip();
    }
  }

  static void set(String name, Object value) throws IOException {
    Files.writeString(NET.resolve(name), value + "\n");
  }

  /** For settings that a kernel without IPv6 does not have. */
  static void setIfPresent(String name, Object value) throws IOException {
    if (Files.exists(NET.resolve(name))) {
      set(name, value);
    }
  }

  /** What an uplink needs so that its node can answer for addresses behind it. */
  static Map<String, String> wantedFor(String uplink) {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put("ipv4/conf/" + uplink + "/forwarding", "1");
    wanted.put("ipv4/neigh/" + uplink + "/proxy_delay", "0");
    return wanted;
  }
}
