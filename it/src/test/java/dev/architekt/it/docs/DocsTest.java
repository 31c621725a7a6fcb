package dev.architekt.it.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.it.vm.ProofPackage;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each command in the documents is typed, and prints what the document says. */
@Timeout(value = 900, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DocsTest {
  private static final Path ROOT = GuestPrograms.projectRoot();

  /** Also a person's, and short enough for each run. */
  private static final String EVERY_TIME = "docs/getting-started.md";

  @TempDir Path work;

  static Stream<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
          Stream.of(ROOT.resolve("README.md")),
          files.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream())
          .toList()
          .stream();
    }
  }

  static List<Path> documentsWithCommands() throws IOException {
    List<Path> some = new java.util.ArrayList<>();
    for (Path file : documents().toList()) {
      if (!Document.read(file).blocks().isEmpty()) {
        some.add(ROOT.relativize(file));
      }
    }
    return some;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void eachBlockOfCommandsSaysWhereItRuns(Path file) throws IOException {
    Document.read(file);
  }

  @Test
  @Tag("vm")
  @Tag("full")
  void gettingStartedFromAPackageOn() throws Exception {
    Files.createDirectories(work.resolve("out"));
    Files.copy(ProofPackage.get(), work.resolve("out/redis.ark"));
    follow(Path.of(EVERY_TIME), false);
  }

  @ParameterizedTest
  @MethodSource("documentsWithCommands")
  @Tag("vm")
  @Tag("full")
  void everyCommandOfADocumentDoesWhatIsWritten(Path document) throws Exception {
    follow(document, true);
  }

  private void follow(Path document, boolean slow) throws Exception {
    try (Session session = new Session(Document.read(ROOT.resolve(document)), work)) {
      session.follow(slow);
      session.end();
      assertThat(session.left()).as("a VM of the document's is left").isFalse();
    }
  }
}
