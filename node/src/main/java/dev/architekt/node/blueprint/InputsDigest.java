package dev.architekt.node.blueprint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * SHA-256 over everything that decides what a build makes, except what the mirror offers at the
 * time.
 */
final class InputsDigest {
  /** Raised when the builder makes something else of the same inputs. */
  private static final int BUILDER_VERSION = 3;

  private final MessageDigest digest = sha256();

  static String of(Blueprint.Options options, String sources) throws IOException {
    var inputs = new InputsDigest();
    inputs.add("builder", BUILDER_VERSION + "");
    inputs.add("release", options.release());
    inputs.add("commandLine", BlueprintBuilder.COMMAND_LINE);
    inputs.add("sources", sources);
    inputs.add("diskSize", options.diskSize() + "");
    inputs.add("memoryMiB", options.memoryMiB() + "");
    inputs.add("cpus", options.cpus() + "");
    for (String name : options.packages().stream().sorted().toList()) {
      inputs.add("package", name);
    }
    inputs.add("guest", sha256Of(GuestFiles.fingerprint()));
    for (Path script : options.scripts()) {
      inputs.add("script", sha256Of(script));
    }
    for (Path overlay : options.overlay()) {
      inputs.addTree(overlay);
    }
    return HexFormat.of().formatHex(inputs.digest.digest());
  }

  static String of(Blueprint.ImageOptions options) throws IOException {
    var inputs = new InputsDigest();
    inputs.add("builder", BUILDER_VERSION + "");
    inputs.add("image", sha256Of(options.image()));
    inputs.add("memoryMiB", options.memoryMiB() + "");
    inputs.add("cpus", options.cpus() + "");
    return HexFormat.of().formatHex(inputs.digest.digest());
  }

  private void add(String key, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    digest.update((key + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
  }

  private void addTree(Path top) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(top)) {
      paths = walk.sorted().toList();
    }
    for (Path path : paths) {
      add("path", top.relativize(path).toString());
      add(
          "attributes",
          Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS).toString());
      if (Files.isSymbolicLink(path)) {
        add("link", Files.readSymbolicLink(path).toString());
      } else if (Files.isRegularFile(path)) {
        add("content", sha256Of(path));
      }
    }
  }

  static String sha256Of(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String sha256Of(byte[] content) {
    return HexFormat.of().formatHex(sha256().digest(content));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
