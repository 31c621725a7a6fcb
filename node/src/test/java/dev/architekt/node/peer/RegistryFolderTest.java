package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.Connector;
import dev.architekt.migration.wire.Link;
import dev.architekt.migration.wire.LinkHandler;
import dev.architekt.migration.wire.Right;
import dev.architekt.migration.wire.WireException;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Wiring;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One registry, several packages, and a folder that changes while it serves. */
@Timeout(60)
class RegistryFolderTest {
  @TempDir Path folder;
  @TempDir Path elsewhere;
  private RunningRegistry registry;

  @BeforeEach
  void twoPackages() throws Exception {
    TestPackages.write(folder.resolve("redis.ark"), "redis-server", "first");
    TestPackages.write(folder.resolve("nginx.ark"), "nginx", "web");
    Files.writeString(folder.resolve("notes.txt"), "no package");
    registry = new RunningRegistry(folder);
  }

  @AfterEach
  void stop() throws Exception {
    registry.close();
  }

  private BlobClient client(String name) throws IOException {
    WireOptions wire = dev.architekt.migration.wire.WireOptions.of("test");
    return new BlobClient(name, registry.address(), wire, 1, Wiring.WINDOW_BYTES, 10);
  }

  private static String kernel(BlobClient client) throws Exception {
    Message.Description description = client.describe();
    try (BlobFetch kernel = client.fetch(description, "kernel")) {
      return StandardCharsets.US_ASCII
          .decode(kernel.await(10, "test").asByteBuffer())
          .toString()
          .substring(0, 15);
    }
  }

  private String kernel(String name) throws Exception {
    try (BlobClient client = client(name)) {
      return kernel(client);
    }
  }

  @Test
  void eachIsServedByItsName() throws Exception {
    assertThat(kernel("redis")).isEqualTo("first of kernel");
    assertThat(kernel("nginx")).startsWith("web of kernel");
  }

  @Test
  void withoutANameTheRefusalListsThem() {
    assertThatThrownBy(() -> kernel(""))
        .hasMessageContaining("nginx, redis")
        .hasMessageContaining("HOST:PORT/NAME")
        .satisfies(e -> assertThat(Offers.wantsName((IOException) e)).isTrue());
    assertThatThrownBy(() -> kernel("postgres"))
        .hasMessageContaining("\"postgres\"")
        .hasMessageContaining("nginx, redis");
    assertThatThrownBy(() -> kernel("../" + elsewhere.getFileName() + "/x"))
        .hasMessageContaining("there is no package");
  }

  @Test
  void theListNamesAllAndWhatIsWrongWithOne() throws Exception {
    Files.writeString(folder.resolve("broken.ark"), "not a package at all");
    List<JsonNode> all =
        Offers.of(registry.address(), dev.architekt.migration.wire.WireOptions.of("test"), 10);
    assertThat(all)
        .extracting(p -> p.path("name").asText())
        .containsExactly("broken", "nginx", "redis");
    assertThat(all.get(0).path("error").asText()).contains("broken.ark");
    assertThat(all.get(2).path("service").asText()).isEqualTo("redis-server");
    assertThat(all.get(2).path("memoryBytes").asLong()).isEqualTo(TestPackages.MEMORY);
  }

  @Test
  void oneThatIsReplacedCountsFromTheNextConnectionOn() throws Exception {
    try (BlobClient before = client("redis")) {
      before.describe();
      TestPackages.write(folder.resolve("redis.ark"), "redis-server", "other");
      assertThat(kernel("redis")).isEqualTo("other of kernel");
      assertThat(kernel(before)).as("who began with the old one").isEqualTo("first of kernel");
    }
  }

  @Test
  void oneThatIsRemovedIsReadToItsEndByWhoBegan() throws Exception {
    try (BlobClient before = client("redis")) {
      before.describe();
      Files.delete(folder.resolve("redis.ark"));
      assertThat(kernel(before)).isEqualTo("first of kernel");
      assertThatThrownBy(() -> kernel("redis")).hasMessageContaining("there is nginx");
    }
    assertThat(kernel("")).as("the only one needs no name").startsWith("web of kernel");
  }

  @Test
  void oneThatIsAddedIsServedOnceItIsWhole() throws Exception {
    Path ready = TestPackages.write(elsewhere.resolve("ready"), "memcached", "added");
    byte[] bytes = Files.readAllBytes(ready);
    Path half = folder.resolve("memcached.ark");
    Files.write(half, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    try (BlobClient early = client("memcached")) {
      Thread.sleep(300);
      assertThat(early.remote().trouble().orElseThrow().getMessage()).contains("is being written");
      Files.copy(ready, half, StandardCopyOption.REPLACE_EXISTING);
      assertThat(kernel(early)).isEqualTo("added of kernel");
    }
  }

  @Test
  void aSessionHasItsPackageAlsoOverANewConnection() throws Exception {
    UUID session = UUID.randomUUID();
    Message.Description first = describe(session);
    TestPackages.write(folder.resolve("redis.ark"), "redis-server", "other");
    assertThat(describe(session)).isEqualTo(first);
    assertThat(describe(UUID.randomUUID()).instance()).isNotEqualTo(first.instance());
  }

  private Message.Description describe(UUID session) throws Exception {
    CompletableFuture<Message.Description> described = new CompletableFuture<>();
    WireOptions wire = dev.architekt.migration.wire.WireOptions.of("test");
    try (Connector connector =
        new Connector(registry.address(), wire, session, Right.READ, 1, "redis")) {
      connector.maintain(link -> {
        Thread.ofVirtual().start(() -> ask(link));
        return new LinkHandler() {
          @Override
          public void received(Link from, int lane, Message message) {
            if (message instanceof Message.Description description) {
              described.complete(description);
            }
          }

          @Override
          public void lost(Link gone, WireException cause) {}
        };
      });
      return described.get(10, TimeUnit.SECONDS);
    }
  }

  private static void ask(Link link) {
    try {
      link.send(new Message.Describe());
    } catch (WireException e) {
      throw new IllegalStateException(e);
    }
  }
}
