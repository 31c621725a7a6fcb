package dev.architekt.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.architekt.cli.text.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LiveViewTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private long now = 1;

  private LiveView view(Terminal terminal) {
    return new LiveView(out, terminal, () -> now);
  }

  private void pass(long millis) {
    now += millis * 1_000_000;
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theLineSaysPhaseRateRestAndWhatTheClientSees() throws Exception {
    LiveView view = view(new Terminal(true, false));
    view.at("hop 1 of 3", "starting");
    view.progress(
        new ObjectMapper()
            .readTree(
                "{\"what\":\"receiving\",\"done\":1048576,\"total\":3145728,\"bytesPerSecond\":1024}"));
    view.clients(999.6, 12.34);
    view.clients(-1, 3);
    assertThat(view.text())
        .isEqualTo(
            "hop 1 of 3: receiving, 1.00 KiB/s, 2.00 MiB left"
                + " | client: 1000 requests/s, worst gap so far 12.3 ms");
  }

  @Test
  void aLineThatStaysClearsTheMovingOne() {
    LiveView view = view(new Terminal(true, false));
    pass(150);
    view.at("hop 1 of 3", "starting");
    view.say("done");
    assertThat(printed())
        .isEqualTo(Terminal.CLEAR_LINE + "hop 1 of 3: starting" + Terminal.CLEAR_LINE + "done\n");
  }

  @Test
  void aFileGetsNoControlCharactersAndFewLines() {
    LiveView view = view(new Terminal(false, false));
    pass(150);
    for (int i = 0; i < 100; i++) {
      view.at("hop 1 of 3", "step " + i);
    }
    view.say("done");
    assertThat(printed()).isEqualTo("done\n");
    pass(5000);
    view.at("hop 1 of 3", "step 100");
    assertThat(printed()).isEqualTo("done\n  … hop 1 of 3: step 100\n");
  }

  @Test
  void commandsAreQuotedWhereAShellWouldTakeThemApart() {
    assertThat(CommandText.of(List.of("nft", "add rule { counter ; }", "it's", "/a/b:1=2")))
        .isEqualTo("nft 'add rule { counter ; }' 'it'\\''s' /a/b:1=2");
  }
}
