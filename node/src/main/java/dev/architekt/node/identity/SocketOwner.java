package dev.architekt.node.identity;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Which user of this host is at the other end of a connection over loopback (proc(5), net/tcp). */
final class SocketOwner {
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int UID = 7;
  private static final String ESTABLISHED = "01";

  private SocketOwner() {}

  /**
   * The owner of the socket that is bound to {@code other}, an address of this host's loopback;
   * empty when there is none, or several of different users.
   */
  static OptionalInt of(InetSocketAddress other) throws IOException {
    String port = String.format(Locale.ROOT, ":%04X", other.getPort());
    int found = -1;
    for (String table : new String[] {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        for (String line : (Iterable<String>) lines.skip(1)::iterator) {
          String[] fields = line.strip().split("\\s+");
          boolean its =
              fields[LOCAL].endsWith(port)
                  && fields[STATE].equals(ESTABLISHED)
                  && isLoopback(fields[LOCAL].substring(0, fields[LOCAL].length() - port.length()));
          if (its) {
            int uid = Integer.parseInt(fields[UID]);
            if (found >= 0 && found != uid) {
              return OptionalInt.empty();
            }
            found = uid;
          }
        }
      } catch (NoSuchFileException e) {
        continue; // a kernel without IPv6
      }
    }
    return found < 0 ? OptionalInt.empty() : OptionalInt.of(found);
  }

  /** In the kernel's form: words of the address, each in this host's byte order. */
  private static boolean isLoopback(String hex) {
    return hex.endsWith("7F") && (hex.length() == 8 || hex.startsWith("0000000000000000FFFF0000"))
        || hex.equals("00000000000000000000000001000000");
  }
}
