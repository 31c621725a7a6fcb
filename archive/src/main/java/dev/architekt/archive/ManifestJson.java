package dev.architekt.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.architekt.archive.ArkException.Kind;
import dev.architekt.archive.Manifest.Hooks;
import dev.architekt.archive.Manifest.Hypervisor;
import dev.architekt.archive.Manifest.Liveness;
import dev.architekt.archive.Manifest.Machine;
import dev.architekt.archive.Manifest.Resource;
import dev.architekt.archive.Manifest.Service;
import dev.architekt.archive.Manifest.Tsc;
import dev.architekt.archive.Manifest.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The manifest as JSON: fields in a fixed order when written, unknown fields ignored when read. */
final class ManifestJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxDocumentLength(Layout.MANIFEST_MAX)
                          .maxStringLength(8192)
                          .maxNameLength(1024)
                          .maxNumberLength(32)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

  private ManifestJson() {}

  static byte[] encode(Manifest manifest) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", manifest.version().toString());
    root.put("createdAt", manifest.createdAt().toString());
    root.put("name", manifest.name());
    Machine machine = manifest.machine();
    ObjectNode m = root.putObject("machine");
    m.put("cpus", machine.cpus());
    m.put("memoryBytes", machine.memoryBytes());
    m.put("machineType", machine.machineType());
    m.put("cpuModel", machine.cpuModel());
    m.put("accelerator", machine.accelerator());
    m.putObject("hypervisor")
        .put("name", machine.hypervisor().name())
        .put("version", machine.hypervisor().version());
    machine
        .tsc()
        .ifPresent(tsc ->
            m.putObject("tsc").put("khz", tsc.khz()).put("tolerancePpm", tsc.tolerancePpm()));
    m.put("commandLine", machine.commandLine());
    m.put("mac", machine.mac());
    root.putObject("hooks")
        .put("beforeSuspend", manifest.hooks().beforeSuspend())
        .put("afterResume", manifest.hooks().afterResume());
    ArrayNode services = root.putArray("services");
    for (Service service : manifest.services()) {
      services
          .addObject()
          .put("name", service.name())
          .put("protocol", service.protocol())
          .put("port", service.port());
    }
    manifest
        .liveness()
        .ifPresent(liveness ->
            root.putObject("liveness")
                .put("probe", liveness.probe())
                .put("port", liveness.port())
                .put("timeoutMillis", liveness.timeoutMillis()));
    ObjectNode labels = root.putObject("labels");
    manifest.labels().forEach(labels::put);
    ArrayNode resources = root.putArray("resources");
    for (Resource resource : manifest.resources()) {
      resources
          .addObject()
          .put("name", resource.name())
          .put("sizeBytes", resource.sizeBytes())
          .put("digest", Sha256.PREFIX + resource.sha256());
    }
    try {
      DefaultPrettyPrinter printer =
          new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
      return (JSON.writer(printer).writeValueAsString(root) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values must be writable", e);
    }
  }

  static Manifest decode(byte[] json, String source) throws ArkException {
    JsonNode tree;
    try {
      tree = JSON.readTree(json);
    } catch (IOException e) {
      throw new ArkException(
          Kind.BAD_MANIFEST, source, Manifest.FILE_NAME, "a JSON document", Fields.problem(e), e);
    }
    Fields root = new Fields(tree, source, "");
    Version version = version(root);
    if (version.major() != Manifest.CURRENT.major()) {
      throw new ArkException(
          Kind.UNSUPPORTED_VERSION,
          source,
          Manifest.FILE_NAME + ": version",
          Manifest.CURRENT.major() + ".x",
          version.toString());
    }
    return root.build(f ->
        new Manifest(
            version,
            f.instant("createdAt"),
            f.text("name"),
            f.object("machine", ManifestJson::machine),
            f.object("hooks", h -> new Hooks(h.flag("beforeSuspend"), h.flag("afterResume"))),
            f.list(
                "services",
                s -> new Service(s.text("name"), s.text("protocol"), s.integer("port"))),
            f.optional(
                "liveness",
                l -> new Liveness(l.text("probe"), l.integer("port"), l.number("timeoutMillis"))),
            f.texts("labels"),
            f.list("resources", ManifestJson::resource)));
  }

  private static Machine machine(Fields f) throws ArkException {
    return new Machine(
        f.integer("cpus"),
        f.number("memoryBytes"),
        f.text("machineType"),
        f.text("cpuModel"),
        f.text("accelerator"),
        f.object("hypervisor", h -> new Hypervisor(h.text("name"), h.text("version"))),
        f.optional("tsc", t -> new Tsc(t.number("khz"), t.integer("tolerancePpm"))),
        f.text("commandLine"),
        f.text("mac"));
  }

  private static Resource resource(Fields f) throws ArkException {
    String digest = f.text("digest");
    if (!digest.startsWith(Sha256.PREFIX)) {
      throw f.wrong("digest", "\"sha256:\" and 64 digits", InvalidValue.quoted(digest));
    }
    return new Resource(
        f.text("name"), f.number("sizeBytes"), digest.substring(Sha256.PREFIX.length()));
  }

  private static Version version(Fields root) throws ArkException {
    String text = root.text("version");
    Matcher parts = VERSION.matcher(text);
    if (!parts.matches()) {
      throw root.wrong("version", "two numbers like \"1.0\"", InvalidValue.quoted(text));
    }
    return new Version(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
  }
}
