package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.architekt.archive.ArkException.Kind;
import dev.architekt.archive.ArkReader.Checks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A package with anything missing or changed is refused with a message, and never gives wrong data.
 */
@Tag("quick")
class DamageTest {
  private static byte[] intact;
  private static Map<String, byte[]> contents;

  @BeforeAll
  static void build(@TempDir Path dir) throws Exception {
    Samples.write(dir.resolve("p.ark"));
    intact = Files.readAllBytes(dir.resolve("p.ark"));
    contents = Samples.contents();
  }

  @Test
  void everyFiftiethTruncationIsDetectedWhenOpened() {
    for (int part = 0; part < 50; part++) {
      byte[] cut = Arrays.copyOf(intact, (int) ((long) intact.length * part / 50));
      assertThatThrownBy(() -> open(cut))
          .as("%d of %d bytes", cut.length, intact.length)
          .isInstanceOfSatisfying(
              ArkException.class,
              e -> {
                Kind expected = cut.length == 0 ? Kind.NOT_A_PACKAGE : Kind.TRUNCATED;
                assertThat(e.kind()).isEqualTo(expected);
                assertThat(e).hasMessageContaining("test.ark").hasMessageContaining("expected");
              });
    }
  }

  @Test
  void everyTruncationOfTheLastHundredBytesIsDetected() {
    for (int missing = 1; missing < 100; missing++) {
      byte[] cut = Arrays.copyOf(intact, intact.length - missing);
      assertThatThrownBy(() -> open(cut)).isInstanceOf(ArkException.class);
    }
  }

  @Test
  void bytesBehindTheEndAreDetected() {
    byte[] longer = Arrays.copyOf(intact, intact.length + 1);
    assertThatThrownBy(() -> open(longer)).isInstanceOf(ArkException.class);
  }

  @Test
  void everyFlippedByteIsFoundByVerify() throws Exception {
    Random random = new Random(42);
    Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    for (int n = 0; n < 200; n++) {
      flipAndVerify(random.nextInt(intact.length), 1 + random.nextInt(255), kinds);
    }
    assertThat(kinds).containsKey(Kind.DAMAGED);
  }

  @Test
  void everyFlippedBitOfTheEndsIsFoundByVerify() throws Exception {
    Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    // The first headers and the manifest's start; the table of contents' end, its last bits, and
    // the footer.
    for (int i = 0; i < 60; i++) {
      flipAndVerify(i * 7, 1 << (i % 8), kinds);
      for (int bit = 0; bit < 8; bit++) {
        flipAndVerify(intact.length - 1 - i, 1 << bit, kinds);
      }
    }
  }

  private static void flipAndVerify(int at, int mask, Map<Kind, Integer> kinds) throws Exception {
    byte[] flipped = intact.clone();
    flipped[at] ^= (byte) mask;
    try (ArkReader reader = open(flipped)) {
      reader.verify(Progress.NONE);
      fail("byte %d of %d changed by %x went unnoticed", at, intact.length, mask);
    } catch (ArkException e) {
      kinds.merge(e.kind(), 1, Integer::sum);
      assertThat(e.getMessage()).contains("test.ark").contains("expected").contains("found");
      assertThat(e.where()).isNotBlank();
    }
  }

  @Test
  void readsGiveTheRightBytesOrAnErrorThatNamesResourceAndOffset() throws Exception {
    Random random = new Random(7);
    int refused = 0;
    for (int n = 0; n < 100; n++) {
      byte[] flipped = intact.clone();
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 + random.nextInt(255));
      Checks checks = n % 2 == 0 ? Checks.DIGESTS : Checks.CHECKSUMS;
      try (ArkReader reader = ArkReader.open(new Bytes(flipped), checks)) {
        for (Map.Entry<String, byte[]> resource : contents.entrySet()) {
          try {
            assertThat(reader.bytes(resource.getKey(), 1 << 24)).isEqualTo(resource.getValue());
          } catch (ArkException e) {
            refused++;
            assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
            assertThat(e.where()).startsWith(resource.getKey() + ", bytes ").contains("offset");
          }
        }
      } catch (ArkException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(70);
  }

  @Test
  void anotherFileIsNotAPackage() {
    for (byte[] other :
        new byte[][] {{}, "hello".getBytes(), new byte[4096], Samples.bytes(1, 99)}) {
      assertThatThrownBy(() -> open(other))
          .isInstanceOfSatisfying(
              ArkException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_A_PACKAGE));
    }
  }

  @Test
  void aFileThatShrinksWhileOpenIsTruncatedAndNotShortData(@TempDir Path dir) throws Exception {
    Path file = Files.write(dir.resolve("p.ark"), intact);
    try (ArkReader reader = ArkReader.open(file)) {
      Files.write(file, Arrays.copyOf(intact, intact.length / 8));
      assertThatThrownBy(() -> reader.bytes("memory", 1 << 24))
          .isInstanceOfSatisfying(
              ArkException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TRUNCATED));
    }
  }

  private static ArkReader open(byte[] bytes) throws IOException {
    return ArkReader.open(new Bytes(bytes), Checks.DIGESTS);
  }

  /** A source in memory. */
  record Bytes(byte[] bytes) implements RangeSource {
    @Override
    public String name() {
      return "test.ark";
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(long offset, MemorySegment target) {
      Objects.checkFromIndexSize(offset, target.byteSize(), (long) bytes.length);
      assertThat(target.isNative()).isTrue();
      target.copyFrom(MemorySegment.ofArray(bytes).asSlice(offset, target.byteSize()));
    }

    @Override
    public void close() {}
  }
}
