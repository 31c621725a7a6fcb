package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Equal trees have equal digests; whatever a guest could notice changes it. */
class TreeDigestTest {
  @TempDir Path folder;

  private Path tree(String name) throws IOException {
    Path top = Files.createDirectories(folder.resolve(name));
    for (String file : name.endsWith("1") ? new String[] {"b", "a"} : new String[] {"a", "b"}) {
      Files.writeString(top.resolve(file), "content of " + file);
      Files.setPosixFilePermissions(top.resolve(file), GuestFiles.permissions(0644));
    }
    Files.createSymbolicLink(top.resolve("link"), Path.of("a"));
    Files.createDirectory(top.resolve("empty"));
    return top;
  }

  @Test
  void theOrderOfMakingAndTimesDoNotCount() throws IOException {
    Path first = tree("tree-1");
    Path second = tree("tree-2");
    Files.setLastModifiedTime(second.resolve("a"), FileTime.fromMillis(1000));
    assertThat(TreeDigest.of(second)).isEqualTo(TreeDigest.of(first)).hasSize(64);
  }

  @Test
  void namesModesContentsLinksAndOwnersCount() throws IOException {
    Path tree = tree("tree-1");
    String last = TreeDigest.of(tree);
    Files.writeString(tree.resolve("a"), "content of b");
    last = changed(tree, last);
    Files.setPosixFilePermissions(tree.resolve("a"), GuestFiles.permissions(0755));
    last = changed(tree, last);
    Files.move(tree.resolve("b"), tree.resolve("c"));
    last = changed(tree, last);
    Files.delete(tree.resolve("link"));
    Files.createSymbolicLink(tree.resolve("link"), Path.of("c"));
    last = changed(tree, last);
    Files.delete(tree.resolve("empty"));
    last = changed(tree, last);
    if ((Integer) Files.getAttribute(tree, "unix:uid") == 0) {
      Files.setAttribute(tree.resolve("a"), "unix:gid", 1);
      changed(tree, last);
    }
  }

  private static String changed(Path tree, String last) throws IOException {
    String now = TreeDigest.of(tree);
    assertThat(now).isNotEqualTo(last);
    return now;
  }
}
