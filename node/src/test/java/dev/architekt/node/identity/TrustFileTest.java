package dev.architekt.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustFileTest {
  private static final String ONE = "SHA256:" + "A".repeat(43);
  private static final String TWO = "SHA256:" + "B".repeat(43);

  @TempDir Path folder;
  private TrustFile file;

  @BeforeEach
  void empty() throws Exception {
    file = TrustFile.in(folder.resolve("identity"));
  }

  @Test
  void whatIsAddedIsThereUntilItIsRemoved() throws Exception {
    assertThat(file.entries()).isEmpty();
    TrustEntry one = TrustEntry.node("node-1", TrustRight.ALL, ONE);
    TrustEntry two = TrustEntry.node("node-2", Set.of(TrustRight.READ), TWO);
    file.add(one);
    file.add(two);
    assertThat(file.entries()).containsExactly(one, two);
    TrustEntry more = TrustEntry.node("node-2", Set.of(TrustRight.READ, TrustRight.TAKE), TWO);
    file.add(more);
    assertThat(TrustFile.in(folder.resolve("identity")).entries()).containsExactly(one, more);
    assertThat(file.remove("node-1")).contains(one);
    assertThat(file.remove("node-1")).isEmpty();
    assertThat(file.entries()).containsExactly(more);
  }

  @Test
  void anAuthorityIsKeptWhole() throws Exception {
    Identity ca = Identity.create(folder.resolve("ca"), "fleet", true, 10, InstantSource.system());
    file.add(TrustEntry.authority("fleet", TrustRight.ALL, ca.certificate()));
    assertThat(TrustFile.in(folder.resolve("identity")).entries())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.authority()).contains(ca.certificate());
          assertThat(entry.fingerprint()).isEqualTo(ca.fingerprint());
        });
  }

  @Test
  void aNameAndAKeyBelongTogether() throws Exception {
    file.add(TrustEntry.node("node-1", TrustRight.ALL, ONE));
    assertThatThrownBy(() -> file.add(TrustEntry.node("node-1", TrustRight.ALL, TWO)))
        .hasMessageContaining("node-1 is trusted already, with another key: " + ONE)
        .hasMessageContaining("trust remove node-1");
    assertThatThrownBy(() -> file.add(TrustEntry.node("again", TrustRight.ALL, ONE)))
        .hasMessageContaining("that key is trusted already, as node-1");
  }

  @Test
  void whatPeopleWroteIsReadAndMistakesAreNamed() throws Exception {
    file.add(TrustEntry.node("node-1", TrustRight.ALL, ONE));
    Path text = folder.resolve("identity/trusted");
    Files.writeString(text, "# mine\n\n  node-2   read,describe  " + TWO + "\n");
    assertThat(file.entries())
        .containsExactly(
            TrustEntry.node("node-2", Set.of(TrustRight.READ, TrustRight.DESCRIBE), TWO));
    file.add(TrustEntry.node("node-3", TrustRight.ALL, ONE));
    assertThat(Files.readString(text)).contains("# mine");
    for (String wrong :
        new String[] {
          "node-2 all " + TWO, "node-2 read SHA256:short", "node-2 read", "x/y read " + TWO
        }) {
      Files.writeString(text, "# mine\n" + wrong + "\n");
      assertThatThrownBy(() -> file.entries()).as(wrong).hasMessageContaining("trusted, line 2: ");
    }
    Files.setPosixFilePermissions(text, PosixFilePermissions.fromString("rw-rw-r--"));
    assertThatThrownBy(() -> TrustFile.in(folder.resolve("identity")).entries())
        .hasMessageContaining("chmod 600");
  }
}
