package dev.architekt.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Option;

/** In which form a command lists what it found: aligned for people, or for programs. */
final class ListingOptions {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      completionCandidates = Forms.class,
      description = "table, json or yaml: one document of all that is listed (default: table).")
  String form;

  @Option(
      names = "--json",
      description = "Print one JSON object a line, for programs that read lines.")
  boolean json;

  /** What the shell completes. */
  static final class Forms implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return List.of("table", "json", "yaml").iterator();
    }
  }

  void check(Checks check) {
    check.oneOf("--output", form, "table", "json", "yaml");
  }

  /** Whether a person reads it; else {@link #all} or {@link #one} prints it. */
  boolean isTable() {
    return !json && form.equals("table");
  }

  /** Several objects: a line each, or one document that holds them all. */
  void all(List<?> objects) throws IOException {
    if (!json) {
      one(objects);
      return;
    }
    for (Object object : objects) {
      System.out.println(JSON.writeValueAsString(object));
    }
  }

  /** One object. */
  void one(Object object) throws IOException {
    if (json) {
      System.out.println(JSON.writeValueAsString(object));
    } else if (form.equals("yaml")) {
      System.out.print(yaml().writeValueAsString(object));
    } else {
      System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object));
    }
  }

  private static ObjectMapper yaml() {
    return new ObjectMapper(
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build());
  }
}
