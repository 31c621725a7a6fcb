package dev.architekt.node.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Refusal;
import dev.architekt.migration.wire.RefusedException;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Facts;
import dev.architekt.node.Wiring;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** All that a registry of several packages has. */
public final class Offers {
  private static final String LIST = "*";

  private Offers() {}

  /**
   * What was refused because it has to be named: whoever meant all of them asks for {@link #of}.
   */
  public static boolean wantsName(IOException failure) {
    return failure.getCause() instanceof RefusedException refused
        && refused.refusal() == Refusal.UNKNOWN_SUBJECT;
  }

  /**
   * The packages, sorted by name: objects with {@code name}, and either {@code error} or {@code
   * service, cpus, memoryBytes, diskBytes, bytes, created, index}.
   *
   * @param seconds how long to wait for an answer
   */
  public static List<JsonNode> of(InetSocketAddress address, WireOptions wire, long seconds)
      throws IOException, InterruptedException {
    try (BlobClient client = new BlobClient(LIST, address, wire, 1, Wiring.WINDOW_BYTES, seconds)) {
      Message.Description description = client.describe();
      try (BlobFetch list = client.fetch(description, Facts.PACKAGES)) {
        return parse(
            StandardCharsets.UTF_8
                .decode(list.await(seconds, client.origin()).asByteBuffer())
                .toString(),
            client.origin());
      }
    }
  }

  private static List<JsonNode> parse(String json, String origin) throws IOException {
    List<JsonNode> packages = new ArrayList<>();
    try {
      JsonNode list = new ObjectMapper().readTree(json);
      if (!list.isArray()) {
        throw new IOException(
            origin + ": expected a list of packages, found " + list.getNodeType());
      }
      list.forEach(packages::add);
      return packages;
    } catch (JsonProcessingException e) {
      throw new IOException(origin + ": not a list of packages: " + e.getOriginalMessage(), e);
    }
  }
}
