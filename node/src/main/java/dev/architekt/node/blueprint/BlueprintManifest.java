package dev.architekt.node.blueprint;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code blueprint.json} says.
 *
 * @param inputs SHA-256 of everything the build was told, hexadecimal
 * @param release Debian's release
 * @param kernelRelease as {@code uname -r} says inside the guest
 * @param commandLine of the kernel
 * @param tree SHA-256 over names, modes, owners and contents of the guest's files ({@link
 *     TreeDigest}), hexadecimal
 * @param memoryMiB memory that the machine shall have unless its packager is told otherwise, or 0
 *     when the blueprint does not say
 * @param cpus the same for vCPUs
 * @param packages what the guest holds, name to version
 * @param services supervised inside the guest, in the order in which they start
 * @param ports known to be listened on, such as {@code tcp/6379}; may be empty for an unknown
 *     service
 * @param hooks event ({@code before-suspend}, {@code after-resume}) to the names of the executables
 *     that hear it; an event without any need not be told to the guest
 * @param files the three files, with size and SHA-256
 */
public record BlueprintManifest(
    String inputs,
    String release,
    String kernelRelease,
    String commandLine,
    String tree,
    int memoryMiB,
    int cpus,
    Map<String, String> packages,
    List<String> services,
    List<String> ports,
    Map<String, List<String>> hooks,
    List<File> files) {
  static final int VERSION = 1;

  /** The guest's own address behind every tap, and the port of its status service. */
  public static final String ADDRESS = "172.100.100.2/30";

  public static final int STATUS_PORT = 1341;

  private static final long FILE_LIMIT = 1 << 20;
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  /**
   * @param size bytes
   * @param used bytes that are not holes
   * @param sha256 hexadecimal
   */
  public record File(String name, long size, long used, String sha256) {}

  void write(Path path) throws IOException {
    var json = new LinkedHashMap<String, Object>();
    json.put("version", VERSION);
    json.put("inputs", inputs);
    json.put("release", release);
    json.put("kernelRelease", kernelRelease);
    json.put("commandLine", commandLine);
    json.put("tree", tree);
    json.put("memoryMiB", memoryMiB);
    json.put("cpus", cpus);
    json.put("address", ADDRESS);
    json.put("statusPort", STATUS_PORT);
    json.put("services", services);
    json.put("ports", ports);
    json.put("hooks", hooks);
    json.put("files", files);
    json.put("packages", packages);
    JSON.writeValue(path.toFile(), json);
  }

  /**
   * @throws BlueprintException when the file is no manifest of a version this program knows
   */
  public static BlueprintManifest read(Path path) throws IOException {
    if (Files.size(path) > FILE_LIMIT) {
      throw new BlueprintException(
          path + " has " + Files.size(path) + " bytes; a blueprint's manifest has at most 1 MiB");
    }
    try {
      var json = JSON.readTree(path.toFile());
      int version = json.path("version").asInt(-1);
      if (version != VERSION) {
        throw new BlueprintException(
            path
                + " has version "
                + version
                + ", expected "
                + VERSION
                + "; build the blueprint again with --force");
      }
      var files = new ArrayList<File>();
      for (var file : json.path("files")) {
        files.add(
            new File(
                file.path("name").asText(),
                file.path("size").asLong(),
                file.path("used").asLong(),
                file.path("sha256").asText()));
      }
      return new BlueprintManifest(
          json.path("inputs").asText(),
          json.path("release").asText(),
          json.path("kernelRelease").asText(),
          json.path("commandLine").asText(),
          json.path("tree").asText(),
          json.path("memoryMiB").asInt(),
          json.path("cpus").asInt(),
          JSON.convertValue(json.path("packages"), new TypeReference<Map<String, String>>() {}),
          JSON.convertValue(json.path("services"), new TypeReference<List<String>>() {}),
          JSON.convertValue(json.path("ports"), new TypeReference<List<String>>() {}),
          JSON.convertValue(json.path("hooks"), new TypeReference<Map<String, List<String>>>() {}),
          List.copyOf(files));
    } catch (com.fasterxml.jackson.core.JsonProcessingException | IllegalArgumentException e) {
      throw new BlueprintException(
          path + " is not readable as a blueprint's manifest: build it again with --force", e);
    }
  }
}
