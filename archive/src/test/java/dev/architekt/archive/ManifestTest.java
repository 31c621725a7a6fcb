package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.archive.ArkException.Kind;
import dev.architekt.archive.Manifest.Resource;
import dev.architekt.archive.Manifest.Tsc;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a manifest must say, and how it is refused when it does not. */
@Tag("quick")
class ManifestTest {
  private static final Manifest SAMPLE =
      Samples.manifest().withResources(List.of(new Resource("memory", 4096, "a".repeat(64))));

  @Test
  void survivesJsonAndIsTheSameBytesEachTime() throws Exception {
    byte[] json = ManifestJson.encode(SAMPLE);
    assertThat(ManifestJson.decode(json, "x.ark")).isEqualTo(SAMPLE);
    assertThat(ManifestJson.encode(ManifestJson.decode(json, "x.ark"))).isEqualTo(json);
  }

  @Test
  void fieldsOfLaterMinorVersionsAreIgnored() throws Exception {
    String later = json().replace("\"version\" : \"1.0\"", "\"version\" : \"1.7\", \"new\" : [{}]");
    assertThat(decode(later).version()).hasToString("1.7");
  }

  @Test
  void anotherMajorVersionIsRefusedBeforeItsFieldsAreLookedAt() {
    assertThatThrownBy(() -> decode("{\"version\": \"2.0\"}"))
        .isInstanceOfSatisfying(
            ArkException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED_VERSION);
              assertThat(e.where()).isEqualTo("manifest.json: version");
              assertThat(e.expected()).isEqualTo("1.x");
              assertThat(e.found()).isEqualTo("2.0");
              assertThat(e.advice()).contains("release that wrote it");
              assertThat(e).hasMessageStartingWith("x.ark: unsupported package version");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "cpus" : 1,                  | "cpus" : -1,                 | machine.cpus
          "cpus" : 1,                  | "cpus" : 1.5,                | machine.cpus
          "cpus" : 1,                  | "cpus" : 99999999999,        | machine.cpus
          "cpus" : 1,                  | "cpus" : null,               | machine.cpus
          "cpus" : 1,                  |                              | machine.cpus
          "memoryBytes" : 268435456,   | "memoryBytes" : -4096,       | machine.memoryBytes
          "memoryBytes" : 268435456,   | "memoryBytes" : 268435457,   | machine.memoryBytes
          "memoryBytes" : 268435456,   | "memoryBytes" : 9223372036854775807, | machine.memoryBytes
          "memoryBytes" : 268435456,   | "memoryBytes" : 92233720368547758070, | machine.memoryBytes
          "sizeBytes" : 4096,          | "sizeBytes" : -1,            | resources[0].sizeBytes
          "sizeBytes" : 4096,          | "sizeBytes" : "4096",        | resources[0].sizeBytes
          "port" : 6379                | "port" : 65536               | services[0].port
          "sha256:aaaa                 | "md5:aaaa                    | resources[0].digest
          "sha256:aaaa                 | "sha256:AAAA                 | resources[0].sha256
          "name" : "memory",           | "name" : "../memory",        | resources[0].name
          "mac" : "02:0e               | "mac" : "03:0e               | machine.mac
          "createdAt" : "2026          | "createdAt" : "soon          | createdAt
          "beforeSuspend" : true,      | "beforeSuspend" : 1,         | hooks.beforeSuspend
          "khz" : 2000000,             | "khz" : 0,                   | machine.tsc.khz
          "name" : "redis",            | "name" : "",                 | name
          "version" : "1.0",           | "version" : "one",           | version
          "version" : "1.0",           |                              | version
          """)
  void aFieldThatIsWrongIsNamedWithItsPath(String right, String wrong, String path) {
    String json = json();
    assertThat(json).contains(right);
    int at = json.indexOf(right);
    String broken =
        json.substring(0, at) + (wrong == null ? "" : wrong) + json.substring(at + right.length());
    assertThatThrownBy(() -> decode(broken))
        .isInstanceOfSatisfying(
            ArkException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.BAD_MANIFEST);
              assertThat(e.where()).isEqualTo("manifest.json: " + path);
              assertThat(e.getMessage()).contains("x.ark").contains("expected").contains("found");
            });
  }

  @Test
  void whatIsNoJsonObjectIsRefused() {
    for (String other : new String[] {"", "[]", "7", "{", "{\"a\":1,\"a\":2}", "[".repeat(99)}) {
      assertThatThrownBy(() -> decode(other))
          .as(other)
          .isInstanceOfSatisfying(
              ArkException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_MANIFEST));
    }
  }

  @Test
  void twoResourcesOfOneNameAreRefused() {
    Resource memory = new Resource("memory", 1, "a".repeat(64));
    assertThatThrownBy(() -> SAMPLE.withResources(List.of(memory, memory)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"memory\" twice");
  }

  @Test
  void aHostsCounterMayDifferByTheTolerance() {
    Tsc tsc = new Tsc(2_000_000, 250);
    assertThat(tsc.accepts(2_000_000)).isTrue();
    assertThat(tsc.accepts(2_000_500)).isTrue();
    assertThat(tsc.accepts(2_000_501)).isFalse();
    assertThat(tsc.accepts(1_999_499)).isFalse();
  }

  private static String json() {
    return new String(ManifestJson.encode(SAMPLE), StandardCharsets.UTF_8);
  }

  private static Manifest decode(String json) throws ArkException {
    return ManifestJson.decode(json.getBytes(StandardCharsets.UTF_8), "x.ark");
  }
}
