package dev.architekt.node.identity;

import dev.architekt.node.CommandName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whom a node trusts, as lines of text that people may read and edit:
 *
 * <pre>
 *   # NAME  RIGHTS                            KEY
 *   node-2  describe,read,take,cancel,serve   SHA256:tZ0r…
 *   fleet   describe,read,take,serve          CA:MIIBlz…
 * </pre>
 *
 * Read again whenever it has changed. Thread-safe.
 */
public final class TrustFile {
  private static final long BYTES_MAX = 8 << 20;
  private static final String AUTHORITY = "CA:";

  private final PrivateFolder home;
  private final Path file;

  // Guarded by this.
  private List<Object> version = List.of();
  private List<TrustEntry> entries = List.of();

  private TrustFile(PrivateFolder home) {
    this.home = home;
    this.file = home.file(Identity.TRUSTED);
  }

  /** That of the identity in {@code folder}, which may have neither yet. */
  public static TrustFile in(Path folder) throws IOException {
    return new TrustFile(PrivateFolder.at(folder));
  }

  /** As the file is now. */
  public synchronized List<TrustEntry> entries() throws IOException {
    if (!home.has(Identity.TRUSTED)) {
      return List.of();
    }
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    List<Object> found =
        List.of(now.lastModifiedTime(), now.size(), Objects.toString(now.fileKey()));
    if (!found.equals(version)) {
      PrivateFolder.require(file, false);
      if (now.size() > BYTES_MAX) {
        throw new IOException(file + ": " + now.size() + " bytes, expected at most " + BYTES_MAX);
      }
      entries = parse(lines());
      version = found;
    }
    return entries;
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file, StandardCharsets.UTF_8);
  }

  private List<TrustEntry> parse(List<String> lines) throws IOException {
    List<TrustEntry> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        found.add(entry(line));
      } catch (IllegalArgumentException | IOException e) {
        throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return List.copyOf(found);
  }

  private static TrustEntry entry(String line) throws IOException {
    String[] words = line.split("\\s+");
    if (words.length != 3) {
      throw new IOException("expected NAME RIGHTS KEY, found \"" + line + "\"");
    }
    Set<TrustRight> rights = TrustRight.parse(words[1]);
    return words[2].startsWith(AUTHORITY)
        ? TrustEntry.authority(
            words[0],
            rights,
            Identity.certificate(
                Base64.getDecoder().decode(words[2].substring(AUTHORITY.length()))))
        : TrustEntry.node(words[0], rights, words[2]);
  }

  private static String line(TrustEntry entry) throws IOException {
    String key = entry.fingerprint();
    if (entry.authority().isPresent()) {
      try {
        key = AUTHORITY + Base64.getEncoder().encodeToString(entry.authority().get().getEncoded());
      } catch (java.security.cert.CertificateEncodingException e) {
        throw new IOException(entry.name() + ": its certificate cannot be encoded", e);
      }
    }
    return entry.name() + " " + TrustRight.text(entry.rights()) + " " + key;
  }

  /**
   * Adds one, or replaces the one of the same name and key.
   *
   * @throws IOException the name is another key's, or the key has another name; it says which
   */
  public void add(TrustEntry entry) throws IOException {
    PrivateFolder made = PrivateFolder.make(home.path());
    made.alone(() -> {
      List<String> lines = home.has(Identity.TRUSTED) ? new ArrayList<>(lines()) : header();
      for (TrustEntry known : entries()) {
        boolean sameName = known.name().equals(entry.name());
        boolean sameKey = known.fingerprint().equals(entry.fingerprint());
        if (sameName && sameKey) {
          lines.removeIf(line -> isOf(line, entry.name()));
        } else if (sameName || sameKey) {
          throw new IOException(
              (sameName
                      ? entry.name() + " is trusted already, with another key: "
                      : "that key is trusted already, as " + known.name() + ": ")
                  + known.fingerprint()
                  + ". If that is over: "
                  + CommandName.typed()
                  + " trust remove "
                  + known.name());
        }
      }
      lines.add(line(entry));
      write(made, lines);
      return null;
    });
  }

  private static List<String> header() {
    return new ArrayList<>(
        List.of(
            "# Whom this node trusts: NAME RIGHTS KEY. `architekt trust` changes it; it is read again",
            "# at each connection. KEY is SHA256:… of a node, or CA: and a certificate in base64."));
  }

  /** Forgets one; empty when there was none of that name. */
  public Optional<TrustEntry> remove(String name) throws IOException {
    Optional<TrustEntry> known =
        entries().stream().filter(entry -> entry.name().equals(name)).findFirst();
    if (known.isPresent()) {
      home.alone(() -> {
        List<String> lines = new ArrayList<>(lines());
        lines.removeIf(line -> isOf(line, name));
        write(home, lines);
        return null;
      });
    }
    return known;
  }

  private static boolean isOf(String line, String name) {
    return line.strip().split("\\s+")[0].equals(name);
  }

  private static void write(PrivateFolder folder, List<String> lines) throws IOException {
    folder.write(
        Identity.TRUSTED, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
