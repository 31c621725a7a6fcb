package dev.architekt.probe;

import java.util.LinkedHashMap;
import java.util.Map;

/** How sums and sockets look on the control channel. */
final class Totals {
  private Totals() {}

  static void put(Map<String, Object> details, Meter.Totals totals) {
    details.put("requests", totals.requests());
    details.put("answers", totals.answers());
    details.put("errors", totals.errors());
    // Nothing here ever reconnects; a connection that was lost is one that a client would have had
    // to make again.
    details.put("reconnects", totals.connectionsLost());
    details.put("firstFailure", totals.firstFailure());
  }

  static Map<String, Object> socket(SocketIdentity socket) {
    if (socket == null) {
      return null;
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("localPort", socket.localPort());
    json.put("inode", socket.inode());
    return json;
  }

  static void putSocket(Map<String, Object> details, String name, SocketIdentity socket) {
    details.put(name, socket(socket));
  }
}
