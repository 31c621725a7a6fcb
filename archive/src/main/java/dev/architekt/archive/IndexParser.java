package dev.architekt.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads the table of contents as a stream of tokens, so that a large one costs its own bytes and
 * the resulting tables, and holds every number against its bounds before it is used.
 */
final class IndexParser {
  private static final int FILES_MAX = Manifest.RESOURCES_MAX + 8;
  private static final long SIZE_MAX = 1L << 46;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxDocumentLength(Layout.INDEX_MAX)
                  .maxStringLength(1024)
                  .maxNameLength(256)
                  .maxNumberLength(20)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final JsonParser json;
  private final List<Chunks> files = new ArrayList<>();
  private Entry entry;

  /** The fields of one entry that matter here. */
  private static final class Entry {
    String name;
    String type;
    String digest;
    String chunkDigest;
    long size;
    long offset = -1;
    long chunkOffset;
    long chunkSize;
  }

  private IndexParser(JsonParser json) {
    this.json = json;
  }

  /** The files in their order; offsets are not yet held against the package's layout. */
  static List<Chunks> parse(byte[] bytes, int offset, int length) throws Corrupt {
    try (JsonParser json = JSON.createParser(bytes, offset, length)) {
      return new IndexParser(json).document();
    } catch (IOException e) {
      throw new Corrupt("a JSON document", Fields.problem(e));
    }
  }

  private List<Chunks> document() throws IOException, Corrupt {
    require(json.nextToken() == JsonToken.START_OBJECT, "an object", "another kind of value");
    long version = -1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "version" -> version = number(field);
        case "entries" -> entries();
        default -> json.skipChildren();
      }
    }
    require(json.nextToken() == null, "one document", "more behind it");
    require(version == 1, "version 1", version < 0 ? "none" : "version " + version);
    finishFile();
    return files;
  }

  private void entries() throws IOException, Corrupt {
    require(json.currentToken() == JsonToken.START_ARRAY, "a list of entries", "another value");
    require(files.isEmpty(), "one list of entries", "two");
    while (json.nextToken() == JsonToken.START_OBJECT) {
      entry = new Entry();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        json.nextToken();
        field(field);
      }
      add();
    }
    require(
        json.currentToken() == JsonToken.END_ARRAY, "entries that are objects", "another value");
  }

  private void field(String field) throws IOException, Corrupt {
    switch (field) {
      case "name" -> entry.name = text(field);
      case "type" -> entry.type = text(field);
      case "digest" -> entry.digest = text(field);
      case "chunkDigest" -> entry.chunkDigest = text(field);
      case "size" -> entry.size = number(field);
      case "offset" -> entry.offset = number(field);
      case "chunkOffset" -> entry.chunkOffset = number(field);
      case "chunkSize" -> entry.chunkSize = number(field);
      default -> json.skipChildren();
    }
  }

  private void add() throws Corrupt {
    require(entry.name != null, "an entry with a name", "none");
    require(entry.type != null, "an entry with a type", "none");
    switch (entry.type) {
      case "reg" -> startFile();
      case "chunk" -> nextChunk();
      default -> throw new Corrupt("entries of type reg or chunk", InvalidValue.quoted(entry.type));
    }
  }

  private void startFile() throws Corrupt {
    finishFile();
    String name = entry.name;
    require(files.size() < FILES_MAX, "at most " + FILES_MAX + " files", "more");
    for (Chunks file : files) {
      require(!file.name.equals(name), "each name once", InvalidValue.quoted(name) + " twice");
    }
    require(entry.size <= SIZE_MAX, shown(name) + " of at most 64 TiB", entry.size + " bytes");
    // A file of one chunk states no chunk size; its own size must then be within the bound.
    long chunkSize = entry.chunkSize == 0 ? Math.max(1, entry.size) : entry.chunkSize;
    require(
        chunkSize <= Layout.CHUNK_SIZE_MAX,
        shown(name) + " in chunks of at most " + Layout.CHUNK_SIZE_MAX + " bytes",
        chunkSize + " bytes");
    require(
        chunkSize >= entry.size || chunkSize % 4096 == 0,
        shown(name) + " in chunks of whole pages",
        chunkSize + " bytes");
    Chunks file = new Chunks(name, entry.size, (int) chunkSize);
    file.sha256 = HexFormat.of().formatHex(digest("digest", entry.digest));
    files.add(file);
    if (entry.size > 0) {
      file.add(offset(), digest("chunkDigest", entry.chunkDigest));
    }
  }

  private void nextChunk() throws Corrupt {
    require(!files.isEmpty(), "a file before its chunks", "a chunk");
    Chunks file = files.getLast();
    String name = shown(file.name);
    require(file.name.equals(entry.name), "a chunk of " + name, "one of " + shown(entry.name));
    require(file.count() < file.countNeeded(), file.countNeeded() + " chunks of " + name, "more");
    long position = (long) file.count() * file.chunkSize;
    require(
        entry.chunkOffset == position,
        "a chunk of " + name + " at " + position,
        "one at " + entry.chunkOffset);
    boolean last = file.count() + 1 == file.countNeeded();
    require(
        entry.chunkSize == (last ? 0 : file.chunkSize)
            || entry.chunkSize == file.length(file.count()),
        "a chunk of " + file.length(file.count()) + " bytes of " + name,
        entry.chunkSize + " bytes");
    file.add(offset(), digest("chunkDigest", entry.chunkDigest));
  }

  private void finishFile() throws Corrupt {
    if (!files.isEmpty()) {
      Chunks file = files.getLast();
      require(
          file.count() == file.countNeeded(),
          file.countNeeded() + " chunks of " + shown(file.name),
          Integer.toString(file.count()));
    }
  }

  private long offset() throws Corrupt {
    require(entry.offset >= 0, "an offset for each chunk of " + shown(entry.name), "none");
    return entry.offset;
  }

  private byte[] digest(String field, String value) throws Corrupt {
    String expected = "a SHA-256 " + field + " of " + shown(entry.name);
    require(value != null && value.startsWith(Sha256.PREFIX), expected, "none");
    try {
      byte[] digest = HexFormat.of().parseHex(value, Sha256.PREFIX.length(), value.length());
      require(digest.length == Sha256.SIZE, expected, digest.length + " bytes");
      return digest;
    } catch (IllegalArgumentException e) {
      throw new Corrupt(expected, InvalidValue.quoted(value));
    }
  }

  private String text(String field) throws IOException, Corrupt {
    require(
        json.currentToken() == JsonToken.VALUE_STRING, field + " to be a text", "another value");
    return json.getText();
  }

  private long number(String field) throws IOException, Corrupt {
    require(
        json.currentToken() == JsonToken.VALUE_NUMBER_INT,
        field + " to be a number",
        "another value");
    long value = json.getLongValue();
    require(value >= 0, field + " of at least 0", Long.toString(value));
    return value;
  }

  private static String shown(String name) {
    return InvalidValue.quoted(name);
  }

  private static void require(boolean right, String expected, String found) throws Corrupt {
    if (!right) {
      throw new Corrupt(expected, found);
    }
  }
}
