package dev.architekt.archive;

import dev.architekt.archive.Manifest.Resource;
import dev.architekt.region.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a package: collect the resources in order, then {@link #write}.
 *
 * <pre>{@code
 * try (ArkWriter writer = new ArkWriter(manifest)) {
 *   writer.add("config", bytes).add("kernel", path).add("memory", region);
 *   writer.write(target, progress);
 * }
 * }</pre>
 *
 * <p>Used by one thread. The same manifest and contents give the same bytes (with the same zlib).
 */
public final class ArkWriter implements AutoCloseable {
  private static final String NO_DIGEST = "0".repeat(64);

  private final Manifest manifest;
  private final List<String> names = new ArrayList<>();
  private final List<Content> contents = new ArrayList<>();
  private int level = Packer.LEVEL;
  private int threads = Math.min(8, Runtime.getRuntime().availableProcessors());

  /**
   * What was written.
   *
   * @param manifest the manifest with the resources' sizes and digests
   * @param sizeBytes the package's size
   * @param indexDigest see {@link ArkReader#indexDigest}
   */
  public record Written(Manifest manifest, long sizeBytes, String indexDigest) {}

  /** {@code manifest} says everything but the resources, which it must not have yet. */
  public ArkWriter(Manifest manifest) {
    if (!manifest.resources().isEmpty()) {
      throw new IllegalArgumentException(
          "the manifest names resources already; they are added to the writer instead");
    }
    this.manifest = manifest;
  }

  /** Adds a small resource; the bytes are copied. */
  public ArkWriter add(String name, byte[] bytes) {
    return add(name, Content.of(bytes));
  }

  /** Adds a file, which is opened now and read while writing. */
  public ArkWriter add(String name, Path file) throws IOException {
    return add(name, Content.of(file));
  }

  /** Adds a region, which stays the caller's and must not change until {@link #write} returns. */
  public ArkWriter add(String name, Region region) {
    return add(name, Content.of(region));
  }

  /**
   * Deflate level, 1 (the default) to 9: level 9 makes about a tenth less of it in fifteen times
   * the time.
   */
  public ArkWriter level(int level) {
    InvalidValue.range("level", level, 1, 9);
    this.level = level;
    return this;
  }

  /** How many threads compress, 1 to 64; one a processor by default, at most 8. */
  public ArkWriter threads(int threads) {
    InvalidValue.range("threads", threads, 1, 64);
    this.threads = threads;
    return this;
  }

  private ArkWriter add(String name, Content content) {
    contents.add(content);
    names.add(name);
    // Refuses bad, repeated and too many names now rather than after minutes of compressing.
    manifest.withResources(placeholders());
    return this;
  }

  private List<Resource> placeholders() {
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      resources.add(new Resource(names.get(i), contents.get(i).size(), NO_DIGEST));
    }
    return resources;
  }

  /**
   * Writes the package. It appears under its name complete and durable, replacing what was there,
   * or not at all.
   *
   * @throws IOException if a resource cannot be read or the package not be written; nothing is left
   *     then
   * @throws InterruptedException if the thread was interrupted; nothing is left then
   */
  public Written write(Path target, Progress progress) throws IOException, InterruptedException {
    Manifest unfinished = manifest.withResources(placeholders());
    try (TargetFile file = TargetFile.create(target);
        PackageOutput output = new PackageOutput(file, unfinished, level, threads, progress)) {
      for (int i = 0; i < names.size(); i++) {
        output.add(names.get(i), contents.get(i));
      }
      Written written = output.finish();
      file.publish();
      return written;
    }
  }

  /** Closes the files that were added. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Content content : contents) {
      try {
        content.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
