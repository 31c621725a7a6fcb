package dev.architekt.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Output;
import dev.architekt.node.identity.Security;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A migration of no machine, from the first message to the last, in this process. */
@Timeout(60)
class RehearsalTest {
  @TempDir Path folder;

  @Test
  void movesInPlainText() throws Exception {
    Rehearsal.run(folder.resolve("move"), WireOptions.of("plain"));
    assertThat(folder.resolve("move")).doesNotExist();
  }

  @Test
  void movesUnderTheOwnIdentity() throws Exception {
    Security.Options options =
        new Security.Options(Optional.of(folder.resolve("id")), Optional.empty(), false);
    Output output = new Output(new PrintStream(new ByteArrayOutputStream()), true, false);
    WireOptions wire =
        Security.open(options, true, false, InstantSource.system(), output).wire("own");
    assertThat(wire.tls()).isPresent();
    Rehearsal.run(folder.resolve("move"), wire);
    assertThat(folder.resolve("move")).doesNotExist();
  }
}
