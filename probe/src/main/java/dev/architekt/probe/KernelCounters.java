package dev.architekt.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel counted about TCP in this process's network namespace.
 *
 * @param resets connections that were reset while established
 * @param resetsSent reset segments sent
 * @param retransmits segments sent again
 * @param timeouts retransmission time-outs, each worth at least 200 ms
 */
public record KernelCounters(long resets, long resetsSent, long retransmits, long timeouts) {

  static KernelCounters read() throws IOException {
    List<String> snmp = lines("/proc/net/snmp");
    return new KernelCounters(
        value(snmp, "Tcp:", "EstabResets"),
        value(snmp, "Tcp:", "OutRsts"),
        value(snmp, "Tcp:", "RetransSegs"),
        value(lines("/proc/net/netstat"), "TcpExt:", "TCPTimeouts"));
  }

  private static List<String> lines(String path) throws IOException {
    return Files.readAllLines(Path.of(path), StandardCharsets.US_ASCII);
  }

  /** A line of names is followed by a line of values with the same first word. */
  static long value(List<String> lines, String family, String name) throws IOException {
    for (int i = 0; i + 1 < lines.size(); i++) {
      if (!lines.get(i).startsWith(family + " ")) {
        continue;
      }
      String[] names = lines.get(i).split(" ");
      String[] values = lines.get(i + 1).split(" ");
      for (int column = 1; column < Math.min(names.length, values.length); column++) {
        if (names[column].equals(name)) {
          return Long.parseLong(values[column]);
        }
      }
    }
    throw new IOException("the kernel counts no " + family + name);
  }

  public KernelCounters minus(KernelCounters earlier) {
    return new KernelCounters(
        resets - earlier.resets,
        resetsSent - earlier.resetsSent,
        retransmits - earlier.retransmits,
        timeouts - earlier.timeouts);
  }
}
