package dev.architekt.nbd;

/**
 * How a region is served.
 *
 * @param readOnly whether every change is refused
 * @param connectionsMax connections at one time; more wait in the listener's queue
 * @param handshakeMillis how long a client may keep silent before its handshake is done
 */
public record NbdOptions(boolean readOnly, int connectionsMax, int handshakeMillis) {
  private static final int CONNECTIONS = 16;
  private static final int HANDSHAKE_MILLIS = 10_000;

  public NbdOptions {
    if (connectionsMax < 1 || handshakeMillis < 1) {
      throw new IllegalArgumentException(
          "at most " + connectionsMax + " connections, " + handshakeMillis + " ms");
    }
  }

  public static NbdOptions writable() {
    return new NbdOptions(false, CONNECTIONS, HANDSHAKE_MILLIS);
  }

  public static NbdOptions forReading() {
    return new NbdOptions(true, CONNECTIONS, HANDSHAKE_MILLIS);
  }
}
