package dev.architekt.node.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The record of a VM that is suspended on this host: in its directory alone at first, then in a
 * package as well.
 *
 * @param at when it was suspended, as ISO 8601
 * @param target the package; empty until it is complete
 * @param index the digest of the package's index
 */
public record Suspended(
    String instance,
    String name,
    Optional<String> address,
    long epoch,
    String at,
    Optional<Path> target,
    String index) {
  static final String FILE = "suspended.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The record of a directory; empty when no VM is suspended there. */
  public static Optional<Suspended> of(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    return Files.isRegularFile(file)
        ? Optional.of(parse(Files.readAllBytes(file), file.toString()))
        : Optional.empty();
  }

  static Optional<Suspended> read(StateDirectory state) throws IOException {
    Optional<byte[]> json = state.read(FILE);
    return json.isPresent()
        ? Optional.of(parse(json.get(), state.file(FILE).toString()))
        : Optional.empty();
  }

  private static Suspended parse(byte[] json, String origin) throws IOException {
    try {
      JsonNode from = JSON.readTree(json);
      if (!from.path("instance").isTextual() || !from.path("epoch").isIntegralNumber()) {
        throw new IOException(origin + " does not say which VM is suspended; it is damaged");
      }
      return new Suspended(
          from.path("instance").asText(),
          from.path("name").asText(),
          Optional.ofNullable(from.path("address").asText(null)),
          from.path("epoch").asLong(),
          from.path("at").asText(),
          Optional.ofNullable(from.path("package").asText(null)).map(Path::of),
          from.path("index").asText());
    } catch (JsonProcessingException e) {
      throw new IOException(origin + " is damaged: " + e.getOriginalMessage(), e);
    }
  }

  /** Durable once it returns. */
  void write(StateDirectory state) throws IOException {
    ObjectNode to = JSON.createObjectNode();
    to.put("instance", instance).put("name", name).put("epoch", epoch).put("at", at);
    address.ifPresent(a -> to.put("address", a));
    target.ifPresent(path -> to.put("package", path.toString()).put("index", index));
    state.write(FILE, JSON.writeValueAsBytes(to));
  }

  Suspended into(Path newTarget, String newIndex) {
    return new Suspended(instance, name, address, epoch, at, Optional.of(newTarget), newIndex);
  }

  /**
   * The package to go on from.
   *
   * @throws IOException when it is not what was written; says what to do
   */
  Path requirePackage(StateDirectory state) throws IOException {
    String remedy =
        "; bring that package back, or delete "
            + state.file(FILE)
            + " to give this VM up and start another one";
    Path path =
        target.orElseThrow(() ->
            new IOException(
                state
                    + " says that VM "
                    + instance
                    + " was suspended, and not into what"
                    + remedy));
    String found;
    try {
      found = SuspendedPackage.index(path);
    } catch (IOException e) {
      throw new IOException(
          "VM " + instance + " was suspended into " + path + ": " + e.getMessage() + remedy, e);
    }
    if (!found.equals(index)) {
      throw new IOException(
          "VM "
              + instance
              + " was suspended into "
              + path
              + ", which holds another one now"
              + remedy);
    }
    return path;
  }

  SuspendedPackage.Identity identity() {
    return new SuspendedPackage.Identity(instance, address, epoch);
  }
}
