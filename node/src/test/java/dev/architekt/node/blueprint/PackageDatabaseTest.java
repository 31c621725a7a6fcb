package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is removed from a guest, and above all what is not. */
class PackageDatabaseTest {
  @TempDir Path root;

  @BeforeEach
  void aSmallRoot() throws IOException {
    Path info = Files.createDirectories(root.resolve("var/lib/dpkg/info"));
    Files.writeString(
        root.resolve("var/lib/dpkg/status"),
        """
        Package: server
        Status: install ok installed
        Version: 1.0
        Depends: libc6 (>= 2), mail-agent | nothing, adduser
        Description: serves
         Depends: not-a-field

        Package: libc6
        Status: install ok installed
        Version: 2.36

        Package: exim
        Status: install ok installed
        Version: 4
        Provides: mail-agent (= 1)

        Package: adduser
        Status: install ok installed
        Version: 3
        Pre-Depends: perl

        Package: perl
        Status: install ok installed
        Version: 5

        Package: gone
        Status: deinstall ok config-files
        Version: 1
        """);
    file(info, "server.list", "/usr/bin/server", "/usr/share/shared");
    file(info, "libc6:amd64.list", "/usr/lib/libc.so.6");
    file(info, "exim.list", "/usr/bin/exim");
    file(info, "adduser.list", "/usr/bin/adduser");
    file(info, "perl.list", "/bin/perl", "/usr/share/shared", "/usr/share/perl/Module");
    Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
  }

  /** Writes the list, and the files themselves with their folders named in it. */
  private void file(Path info, String list, String... paths) throws IOException {
    var lines = new java.util.ArrayList<String>(List.of("/."));
    for (String path : paths) {
      Path file = root.resolve(path.replaceFirst("^/bin/", "/usr/bin/").substring(1));
      Files.createDirectories(file.getParent());
      if (!Files.exists(file)) {
        Files.writeString(file, path);
      }
      lines.add(path.substring(0, path.lastIndexOf('/')));
      lines.add(path);
    }
    Files.write(info.resolve(list), lines);
  }

  @Test
  void whatIsDependedOnStaysAndWhatOnlyInstallingNeededGoes() throws IOException {
    var database = new PackageDatabase(root);
    Set<String> kept = database.closure(List.of("server"), Set.of("adduser"));
    assertThat(kept).containsExactlyInAnyOrder("server", "libc6", "exim");
    assertThat(database.versions(kept)).containsEntry("libc6", "2.36");
    assertThat(database.names()).doesNotContain("gone");
  }

  @Test
  void aFileThatAKeptPackageSharesIsNotDeleted() throws IOException {
    var database = new PackageDatabase(root);
    Set<String> kept = database.closure(List.of("server"), Set.of("adduser"));
    new RootSlimmer(root).dropPackagesExcept(kept, database);
    assertThat(root.resolve("usr/share/shared")).exists();
    assertThat(root.resolve("usr/bin/server")).exists();
    assertThat(root.resolve("usr/bin/perl")).doesNotExist();
    assertThat(root.resolve("usr/share/perl")).doesNotExist();
  }

  @Test
  void theLocaleThatServicesAreConfiguredForStays() throws IOException {
    String locale = "/usr/lib/locale/C.utf8/LC_CTYPE";
    file(root.resolve("var/lib/dpkg/info"), "perl.list", "/usr/bin/perl", locale);
    new RootSlimmer(root).dropPackagesExcept(Set.of("server"), new PackageDatabase(root));
    new RootSlimmer(root).dropDocumentationAndCaches();
    assertThat(root.resolve("usr/bin/perl")).doesNotExist();
    assertThat(root.resolve(locale.substring(1))).exists();
  }

  @Test
  void aLinkOutOfTheRootIsNotFollowed(@TempDir Path outside) throws IOException {
    Path precious = Files.writeString(outside.resolve("precious"), "host");
    Files.createSymbolicLink(root.resolve("usr/trap"), outside);
    Path info = root.resolve("var/lib/dpkg/info");
    Files.write(info.resolve("perl.list"), List.of("/usr/trap/precious", "/../precious"));
    var database = new PackageDatabase(root);
    new RootSlimmer(root).dropPackagesExcept(Set.of("server"), database);
    assertThat(precious).exists();
  }

  @Test
  void ownerIsFoundAcrossMergedUsr() throws IOException {
    var database = new PackageDatabase(root);
    assertThat(database.owner("/usr/bin/perl")).isEqualTo("perl");
    assertThat(database.owner("/usr/bin/nobody")).isNull();
  }
}
