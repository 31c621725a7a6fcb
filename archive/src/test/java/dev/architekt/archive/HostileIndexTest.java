package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.archive.ArkException.Kind;
import dev.architekt.archive.ArkReader.Checks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A table of contents with right checksums and wrong numbers, as only somebody with intent makes
 * it.
 */
@Tag("quick")
class HostileIndexTest {
  private static byte[] intact;
  private static int indexOffset;
  private static String json;

  @BeforeAll
  static void build(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    intact = Files.readAllBytes(file);
    int footer = intact.length - Footer.SIZE;
    indexOffset =
        (int)
            HexFormat.fromHexDigitsToLong(
                new String(intact, footer + 16, 16, StandardCharsets.US_ASCII));
    byte[] member = Arrays.copyOfRange(intact, indexOffset, footer);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(member))) {
      String entry = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      json = entry.substring(Tar.BLOCK, entry.lastIndexOf('}') + 1);
    }
  }

  @Test
  void theUnchangedTableOpens() throws Exception {
    try (ArkReader reader = open(json)) {
      assertThat(reader.manifest().name()).isEqualTo("redis");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "version":1                | "version":2                  | version 1
          "type":"chunk"             | "type":"hardlink"            | entries of type reg or chunk
          "chunkOffset":262144       | "chunkOffset":262143         | a chunk of
          "chunkSize":262144         | "chunkSize":8388608          | chunks of at most 4194304
          "chunkSize":262144         | "chunkSize":262145           | whole pages
          "chunkSize":262144         | "chunkSize":4096             | chunk
          "size":300001              | "size":30000100000000000000  | JSON document
          "size":300001              | "size":-5                    | at least 0
          "size":300001              | "size":99999999999999999     | at most 64 TiB
          "size":300001              | "size":70000000000000        | a chunk of 262144 bytes
          "size":300001              | "size":262145                | chunk 1 of
          "name":"disk"              | "name":"kernel"              | each name once
          "name":"config"            | "name":"notes"               | manifest
          "name":"manifest.json"     | "name":"manifesto"           | files from manifest.json
          "digest":"sha256:          | "digest":"sha512:            | a SHA-256 digest
          "chunkDigest":"sha256:     | "chunkDigest":"sha256:00     | a SHA-256 chunkDigest
          "entries":[                | "entries":[7,                | entries that are objects
          "entries":[                | "entries":[{},               | an entry with a name
          """)
  void aNumberThatCannotBeIsNamed(String right, String wrong, String complaint) {
    assertThat(json).contains(right);
    String hostile = json.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong));
    assertThatThrownBy(() -> open(hostile).close())
        .isInstanceOfSatisfying(
            ArkException.class,
            e -> {
              String text = e.getMessage();
              if (complaint.equals("manifest")) {
                assertThat(text).contains("manifest.json").contains("resources");
              } else {
                assertThat(text).contains(complaint).contains("stargz.index.json");
              }
            });
  }

  @Test
  void offsetsThatOverlapOrLeaveThePackageAreRefused() {
    Matcher offsets = Pattern.compile("\"offset\":([0-9]+)").matcher(json);
    int count = 0;
    while (offsets.find()) {
      long offset = Long.parseLong(offsets.group(1));
      for (long wrong : new long[] {0, offset - 1, offset + 1, indexOffset, Long.MAX_VALUE}) {
        String hostile =
            json.substring(0, offsets.start(1)) + wrong + json.substring(offsets.end(1));
        // A neighbour one byte on may pass the placement; then reading either member fails.
        assertThatThrownBy(
                () -> {
                  try (ArkReader reader = open(hostile)) {
                    reader.verify(Progress.NONE);
                  }
                })
            .as("%d instead of %d", wrong, offset)
            .isInstanceOf(ArkException.class);
      }
      count++;
    }
    assertThat(count).isGreaterThan(25);
  }

  @Test
  void aTableThatClaimsMoreThanItsBytesCanHoldIsNotAllocated() throws Exception {
    // The trailer says 200 MiB; deflate cannot make that of a few kilobytes.
    byte[] member = member(json);
    member[member.length - 1] = 0x0c;
    CRC32C crc = new CRC32C();
    crc.update(member, Member.HEADER, member.length - Member.HEADER);
    ByteBuffer.wrap(member).order(ByteOrder.LITTLE_ENDIAN).putInt(20, (int) crc.getValue());
    assertThatThrownBy(() -> open(member).close())
        .isInstanceOfSatisfying(
            ArkException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_INDEX))
        .hasMessageContaining("its size");
  }

  @Test
  void randomChangesOfTheTableNeverCrashOrGiveWrongData() throws Exception {
    Random random = new Random(3);
    byte[] memory = Samples.contents().get("memory");
    UnaryOperator<String> change =
        text -> {
          StringBuilder out = new StringBuilder(text);
          for (int n = 0; n <= random.nextInt(4); n++) {
            int at = random.nextInt(out.length());
            switch (random.nextInt(3)) {
              case 0 -> out.setCharAt(at, "0123456789{}[]\",:abcdef".charAt(random.nextInt(23)));
              case 1 -> out.deleteCharAt(at);
              default -> out.insert(at, out.substring(at, Math.min(out.length(), at + 9)));
            }
          }
          return out.toString();
        };
    for (int n = 0; n < 200; n++) {
      try (ArkReader reader = open(change.apply(json))) {
        assertThat(reader.bytes("memory", 1 << 24)).isEqualTo(memory);
      } catch (ArkException e) {
        assertThat(e.getMessage()).contains("expected").contains("found");
      }
    }
  }

  private static ArkReader open(String json) throws IOException {
    return open(member(json));
  }

  private static byte[] member(String json) {
    byte[] entry =
        Index.entry(
            json.getBytes(StandardCharsets.UTF_8), Samples.manifest().createdAt().getEpochSecond());
    byte[] member = new byte[(int) Member.sizeMax(entry.length)];
    Deflater deflater = new Deflater(6, true);
    int size = Member.deflate(deflater, entry, entry.length, member);
    deflater.end();
    return Arrays.copyOf(member, size);
  }

  private static ArkReader open(byte[] member) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(intact, 0, indexOffset);
    bytes.write(member);
    bytes.write(Footer.encode(indexOffset));
    return ArkReader.open(new DamageTest.Bytes(bytes.toByteArray()), Checks.DIGESTS);
  }
}
