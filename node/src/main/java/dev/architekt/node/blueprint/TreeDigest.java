package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * SHA-256 over a tree of files: the name, type, mode and owners of each, and its content, the
 * target of a link or the numbers of a device. Times, and the order in which a file system lists
 * its entries, do not count. Two trees with equal digests hold the same files.
 */
final class TreeDigest {
  private static final String ATTRIBUTES = "unix:mode,uid,gid,rdev";

  private final MessageDigest digest = InputsDigest.sha256();

  private TreeDigest() {}

  /** Of everything below {@code top}, and of the attributes of {@code top} itself; hexadecimal. */
  static String of(Path top) throws IOException {
    TreeDigest tree = new TreeDigest();
    tree.add(top);
    return HexFormat.of().formatHex(tree.digest.digest());
  }

  private void add(Path top) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(top)) {
      // By the text of the whole path: the order of a locale or of a file system has no say.
      paths = walk.sorted((a, b) -> a.toString().compareTo(b.toString())).toList();
    }
    for (Path path : paths) {
      Map<String, Object> attributes =
          Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
      field(top.relativize(path).toString());
      field(Integer.toOctalString((Integer) attributes.get("mode")));
      field(attributes.get("uid") + ":" + attributes.get("gid"));
      if (Files.isSymbolicLink(path)) {
        field(Files.readSymbolicLink(path).toString());
      } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        field(InputsDigest.sha256Of(path));
      } else {
        field(attributes.get("rdev").toString());
      }
    }
  }

  /** With its length, so that no two lists of fields are the same bytes. */
  private void field(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
  }
}
