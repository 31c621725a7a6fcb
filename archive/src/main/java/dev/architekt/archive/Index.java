package dev.architekt.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the table of contents, {@code stargz.index.json}: an entry a chunk, in the order of the
 * package.
 */
final class Index {
  private Index() {}

  /** The JSON document. */
  static byte[] encode(List<Chunks> files, Instant createdAt) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("version", 1);
      json.writeArrayFieldStart("entries");
      for (Chunks file : files) {
        first(json, file, createdAt);
        for (int chunk = 1; chunk < file.count(); chunk++) {
          json.writeRaw('\n');
          json.writeStartObject();
          json.writeStringField("name", file.name);
          json.writeStringField("type", "chunk");
          place(json, file, chunk);
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void first(JsonGenerator json, Chunks file, Instant createdAt) throws IOException {
    json.writeRaw('\n');
    json.writeStartObject();
    json.writeStringField("name", file.name);
    json.writeStringField("type", "reg");
    json.writeNumberField("size", file.size);
    json.writeStringField("modtime", createdAt.toString());
    json.writeNumberField("mode", Tar.MODE);
    json.writeNumberField("uid", 0);
    json.writeNumberField("gid", 0);
    json.writeStringField("userName", "root");
    json.writeStringField("groupName", "root");
    json.writeStringField("digest", Sha256.PREFIX + file.sha256);
    if (file.count() > 0) {
      place(json, file, 0);
    }
    json.writeEndObject();
  }

  private static void place(JsonGenerator json, Chunks file, int chunk) throws IOException {
    json.writeNumberField("offset", file.offset(chunk));
    if (chunk > 0) {
      json.writeNumberField("chunkOffset", (long) chunk * file.chunkSize);
    }
    if (chunk + 1 < file.count()) {
      // eStargz: the last chunk has no size of its own.
      json.writeNumberField("chunkSize", file.chunkSize);
    }
    json.writeStringField("chunkDigest", Sha256.PREFIX + file.digest(chunk));
  }

  /** The last tar entry whole: header, document, padding and the archive's end. */
  static byte[] entry(byte[] json, long seconds) {
    byte[] header = Tar.header(Layout.INDEX_NAME, json.length, seconds);
    int length = Tar.BLOCK + json.length + Tar.padding(json.length) + Tar.END;
    byte[] entry = Arrays.copyOf(header, length);
    System.arraycopy(json, 0, entry, Tar.BLOCK, json.length);
    return entry;
  }
}
