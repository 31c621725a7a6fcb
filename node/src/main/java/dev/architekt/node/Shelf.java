package dev.architekt.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.archive.ArkReader;
import dev.architekt.archive.Manifest;
import dev.architekt.migration.wire.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The packages of a folder, or the one in a file, as they are at the moment of asking: a package is
 * called as its file is, without {@code .ark}. Nothing is kept between two questions, so that what
 * is added, replaced or removed counts from the next one on.
 */
final class Shelf {
  /** Most packages that a list names. */
  static final int LISTED_MAX = 1000;

  /** Most packages that a refusal names. */
  private static final int NAMED_MAX = 20;

  private static final String SUFFIX = ".ark";
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final Path path;

  Shelf(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  /** A package that cannot be had, and what to tell who asked. */
  static final class Missing extends IOException {
    private static final long serialVersionUID = 1L;
    private final Refusal refusal;

    Missing(Refusal refusal, String text, IOException cause) {
      super(text, cause);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  boolean isFolder() {
    return Files.isDirectory(path);
  }

  /** Sorted; a file that is no package is among them, since its name says that it is one. */
  List<String> names() throws IOException {
    if (!isFolder()) {
      return Files.exists(path) ? List.of(name(path)) : List.of();
    }
    try (var files = Files.list(path)) {
      return files.filter(Shelf::isOne).map(Shelf::name).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of(); // removed meanwhile
    }
  }

  private static boolean isOne(Path file) {
    String name = file.getFileName().toString();
    boolean named = name.endsWith(SUFFIX) && name.length() > SUFFIX.length();
    return named && name.charAt(0) != '.' && Files.isRegularFile(file);
  }

  private static String name(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  /**
   * Where the package is that somebody means.
   *
   * @param wanted its name, or empty for the only one
   * @throws Missing when there is none of that name, or more than one without a name; the message
   *     names those that there are
   */
  Path find(String wanted) throws IOException {
    List<String> names = names();
    if (wanted.isEmpty() && names.size() == 1) {
      return file(names.getFirst());
    }
    // Looked for among the names that are there: no name leads out of the folder.
    if (!wanted.isEmpty() && names.contains(wanted)) {
      return file(wanted);
    }
    throw new Missing(
        Refusal.UNKNOWN_SUBJECT,
        names.isEmpty()
            ? "there is no package here yet"
            : (wanted.isEmpty()
                    ? "there are " + names.size() + " packages here: name one as HOST:PORT/NAME: "
                    : "there is no package \"" + wanted + "\" here; there is ")
                + said(names),
        null);
  }

  private Path file(String name) {
    return isFolder() ? path.resolve(name + SUFFIX) : path;
  }

  private static String said(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED_MAX, names.size())));
    return names.size() <= NAMED_MAX
        ? first
        : first + " and " + (names.size() - NAMED_MAX) + " more";
  }

  /**
   * Opens a package that {@link #find} found.
   *
   * @throws Missing when it is no whole package, which may be because it is being written
   */
  static Offered open(Path file, FileStamp stamp) throws Missing {
    try {
      return Offered.open(file, stamp);
    } catch (IOException e) {
      boolean fresh = stamp.isFresh(FRESH);
      throw new Missing(
          fresh ? Refusal.BUSY : Refusal.UNKNOWN_SUBJECT,
          fresh
              ? name(file) + " is being written: it is no whole package yet"
              : name(file) + " cannot be offered: " + said(file, e),
          e);
    }
  }

  /** Where the package lies on this host is nobody else's business. */
  private static String said(Path file, IOException e) {
    return String.valueOf(e.getMessage()).replace(file.getParent() + "/", "");
  }

  /** All packages, as a JSON array of objects: their names, and what they hold or what is wrong. */
  byte[] list() throws IOException {
    List<Map<String, Object>> packages = new ArrayList<>();
    List<String> names = names();
    for (String name : names.subList(0, Math.min(LISTED_MAX, names.size()))) {
      packages.add(describe(name));
    }
    return new ObjectMapper().writeValueAsBytes(packages);
  }

  private Map<String, Object> describe(String name) {
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("name", name);
    try (ArkReader ark = ArkReader.open(file(name))) {
      Manifest manifest = ark.manifest();
      found.put("service", manifest.name());
      found.put("cpus", manifest.machine().cpus());
      found.put("memoryBytes", manifest.machine().memoryBytes());
      found.put("diskBytes", diskBytes(manifest));
      found.put("bytes", Files.size(file(name)));
      found.put("created", manifest.createdAt().toString());
      found.put("index", ark.indexDigest());
    } catch (IOException e) {
      String why = said(file(name), e);
      found.put("error", why.length() > 200 ? why.substring(0, 200) + "…" : why);
    }
    return found;
  }

  private static long diskBytes(Manifest manifest) {
    return manifest.resources().stream()
        .filter(resource -> resource.name().startsWith("disk"))
        .mapToLong(Manifest.Resource::sizeBytes)
        .sum();
  }
}
