package dev.architekt.cli.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing of a text becomes a request of roff, and terminals show it as it was written. */
final class RoffTest {
  @Test
  void aTextThatLooksLikeARequestStaysText() {
    assertThat(new Roff().text(".so /etc/passwd").page()).isEqualTo("\\&.so /etc/passwd\n");
    assertThat(new Roff().text("'br").page()).isEqualTo("\\&\\(aqbr\n");
    assertThat(new Roff().verbatim(List.of(".x")).page()).isEqualTo(".PP\n.nf\n\\&.x\n.fi\n");
  }

  @Test
  void whatIsTypedIsShownAsItIsTyped() {
    assertThat(Roff.escape("a\\b --c `d` ~e^f \"g\""))
        .isEqualTo("a\\(rsb \\-\\-c \\(gad\\(ga \\(tie\\(haf \\(dqg\\(dq");
    assertThat(Roff.escape("→ ≤")).isEqualTo("\\[u2192] \\[u2264]");
    assertThat(Roff.escape("one\ntwo")).isEqualTo("one two");
  }
}
