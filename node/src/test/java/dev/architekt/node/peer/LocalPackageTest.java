package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.archive.ArkReader;
import dev.architekt.node.Facts;
import dev.architekt.node.LocalPackage;
import dev.architekt.node.PackageService;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A package that a process offers to itself holds a VM's memory: it is nobody else's. */
@Timeout(60)
class LocalPackageTest {
  private static final long WINDOW = 1 << 20;

  @Test
  void onlyWhoKnowsTheSubjectIsServed(@TempDir Path folder) throws Exception {
    Path file = TestPackages.write(folder.resolve("a.ark"), "a-name", "text");
    try (ArkReader ark = ArkReader.open(file);
        LocalPackage local = LocalPackage.open(PackageService.of(ark))) {
      try (BlobClient own = BlobClient.local(local, 1, WINDOW, 10)) {
        assertThat(Facts.spec(own.describe(), "test").name()).isEqualTo("a-name");
      }
      for (String guess : new String[] {"", "a-name", local.subject() + "0"}) {
        try (BlobClient other =
            new BlobClient(guess, local.address(), LocalPackage.wire(), 1, WINDOW, 10)) {
          assertThatThrownBy(other::describe).hasMessageContaining("one process alone");
        }
      }
    }
  }
}
