package dev.architekt.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.architekt.archive.ArkException.Kind;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One object of a JSON document, read field by field; every complaint names the path to the field.
 */
final class Fields {
  private static final int LIST_MAX = 64;

  private final JsonNode node;
  private final String source;
  private final String path;

  /**
   * Makes a value of an object's fields; an {@link InvalidValue} from it is reported with the
   * object's path.
   */
  @FunctionalInterface
  interface Step<T> {
    T of(Fields fields) throws ArkException;
  }

  Fields(JsonNode node, String source, String path) throws ArkException {
    this.node = node;
    this.source = source;
    this.path = path;
    if (!node.isObject()) {
      throw complaint(path.isEmpty() ? "document" : path, "an object", kind(node));
    }
  }

  <T> T build(Step<T> step) throws ArkException {
    try {
      return step.of(this);
    } catch (InvalidValue e) {
      throw wrong(e.field, e.expected, e.found);
    }
  }

  String text(String name) throws ArkException {
    JsonNode value = required(name);
    if (!value.isTextual()) {
      throw wrong(name, "a text", kind(value));
    }
    return value.textValue();
  }

  long number(String name) throws ArkException {
    JsonNode value = required(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, "a whole number of at most 64 bits", kind(value));
    }
    return value.longValue();
  }

  int integer(String name) throws ArkException {
    long value = number(name);
    if (value != (int) value) {
      throw wrong(name, "a whole number of at most 32 bits", Long.toString(value));
    }
    return (int) value;
  }

  boolean flag(String name) throws ArkException {
    JsonNode value = required(name);
    if (!value.isBoolean()) {
      throw wrong(name, "true or false", kind(value));
    }
    return value.booleanValue();
  }

  Instant instant(String name) throws ArkException {
    String value = text(name);
    try {
      return Instant.parse(value);
    } catch (DateTimeException e) {
      throw wrong(name, "a time like \"2026-01-31T12:00:00Z\"", InvalidValue.quoted(value));
    }
  }

  <T> T object(String name, Step<T> step) throws ArkException {
    return new Fields(required(name), source, at(name)).build(step);
  }

  <T> Optional<T> optional(String name, Step<T> step) throws ArkException {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    return Optional.of(object(name, step));
  }

  <T> List<T> list(String name, Step<T> step) throws ArkException {
    JsonNode value = required(name);
    if (!value.isArray()) {
      throw wrong(name, "a list", kind(value));
    }
    if (value.size() > LIST_MAX) {
      throw wrong(name, "at most " + LIST_MAX + " items", value.size() + " items");
    }
    List<T> items = new ArrayList<>();
    for (JsonNode item : value) {
      items.add(new Fields(item, source, at(name) + "[" + items.size() + "]").build(step));
    }
    return items;
  }

  Map<String, String> texts(String name) throws ArkException {
    return object(
        name,
        fields -> {
          Map<String, String> texts = new LinkedHashMap<>();
          for (Map.Entry<String, JsonNode> entry : fields.node.properties()) {
            texts.put(entry.getKey(), fields.text(entry.getKey()));
          }
          return texts;
        });
  }

  ArkException wrong(String name, String expected, String found) {
    return complaint(at(name), expected, found);
  }

  /** A parser's complaint on one line, without the excerpt of the document that it adds. */
  static String problem(IOException e) {
    String text =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return text == null ? e.getClass().getSimpleName() : text.lines().findFirst().orElse(text);
  }

  private JsonNode required(String name) throws ArkException {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      throw wrong(name, "a value", "nothing");
    }
    return value;
  }

  private ArkException complaint(String at, String expected, String found) {
    return new ArkException(
        Kind.BAD_MANIFEST, source, Manifest.FILE_NAME + ": " + at, expected, found);
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String kind(JsonNode value) {
    if (value instanceof MissingNode) {
      return "nothing";
    }
    return value.isContainerNode()
        ? "an " + value.getNodeType().name().toLowerCase(Locale.ROOT)
        : InvalidValue.quoted(value.asText());
  }
}
