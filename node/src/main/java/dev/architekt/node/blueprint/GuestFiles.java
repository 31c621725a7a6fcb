package dev.architekt.node.blueprint;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Properties;
import java.util.Set;

/**
 * The builder's own part of a guest: init scripts, hooks runner, liveness; shipped as resources.
 */
final class GuestFiles {
  private GuestFiles() {}

  static byte[] read(String name) throws IOException {
    try (InputStream in = GuestFiles.class.getResourceAsStream("guest/" + name)) {
      if (in == null) {
        throw new IllegalStateException("resource guest/" + name + " is not in this program");
      }
      return in.readAllBytes();
    }
  }

  static String text(String name) throws IOException {
    return new String(read(name), StandardCharsets.UTF_8);
  }

  /** Lines of {@code files.list}: mode and path. */
  private static String[] list() throws IOException {
    return text("files.list")
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .toArray(String[]::new);
  }

  /** Lays the files over a guest's root. */
  static void install(Path root) throws IOException {
    for (String line : list()) {
      int mode = Integer.parseInt(line.substring(0, 4), 8);
      String path = line.substring(5).strip();
      write(root.resolve(path), read("root/" + path), mode);
    }
    write(root.resolve("usr/lib/architekt/reseed"), ReseedProgram.bytes(), 0755);
  }

  /**
   * Everything that is shipped, one after the other: changes when the builder's part of a guest
   * changes.
   */
  static byte[] fingerprint() throws IOException {
    var all = new java.io.ByteArrayOutputStream();
    for (String name : new String[] {"files.list", "services.properties", "initramfs/init"}) {
      all.writeBytes(read(name));
    }
    for (String line : list()) {
      all.writeBytes(read("root/" + line.substring(5).strip()));
    }
    all.writeBytes(ReseedProgram.bytes());
    return all.toByteArray();
  }

  static Properties services() throws IOException {
    var properties = new Properties();
    properties.load(new StringReader(text("services.properties")));
    return properties;
  }

  static void write(Path file, byte[] content, int mode) throws IOException {
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file); // It may be a link into somewhere else.
    Files.write(file, content);
    Files.setPosixFilePermissions(file, permissions(mode));
  }

  static Set<PosixFilePermission> permissions(int mode) {
    var set = EnumSet.noneOf(PosixFilePermission.class);
    // The enum runs from owner-read to others-execute, as the nine bits do.
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      if ((mode & (0400 >> permission.ordinal())) != 0) {
        set.add(permission);
      }
    }
    return set;
  }
}
