package dev.architekt.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Which socket this is, by what the kernel says: a client that reconnected in secret would show
 * another inode.
 *
 * @param localPort of the connection
 * @param inode of the socket; a descriptor of this process leads to it
 */
public record SocketIdentity(int localPort, long inode) {

  /**
   * Finds the connection from the local port in the kernel's table and the descriptor that this
   * process holds of it.
   *
   * @throws IOException when the kernel lists no established connection of this process from that
   *     port
   */
  static SocketIdentity of(int localPort) throws IOException {
    for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
      long inode = inodeIn(table, localPort);
      if (inode != 0 && held(inode)) {
        return new SocketIdentity(localPort, inode);
      }
    }
    throw new IOException("the kernel lists no connection of this process from port " + localPort);
  }

  private static long inodeIn(String table, int localPort) throws IOException {
    for (String line : Files.readAllLines(Path.of(table), StandardCharsets.US_ASCII)) {
      String[] fields = line.strip().split("\\s+");
      // sl local remote state queues timer retransmits uid timeout inode; state 01 is established.
      if (fields.length > 9 && fields[3].equals("01")) {
        String port = fields[1].substring(fields[1].indexOf(':') + 1);
        long inode = Long.parseLong(fields[9]);
        if (Integer.parseInt(port, 16) == localPort && held(inode)) {
          return inode;
        }
      }
    }
    return 0;
  }

  private static boolean held(long inode) throws IOException {
    String wanted = "socket:[" + inode + "]";
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          if (Files.readSymbolicLink(descriptor).toString().equals(wanted)) {
            return true;
          }
        } catch (NoSuchFileException e) {
          // The listing's own descriptor, closed since.
        }
      }
    }
    return false;
  }
}
