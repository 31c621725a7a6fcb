package dev.architekt.cli.lab.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkShapeTest {
  @Test
  void readsWhatAPersonTypes() {
    assertThat(LinkShape.parse("100ms,100mbit"))
        .isEqualTo(new LinkShape(Duration.ofMillis(100), 100_000_000, 0));
    assertThat(LinkShape.parse("1.5ms,1gbit,0.5%"))
        .isEqualTo(new LinkShape(Duration.ofNanos(1_500_000), 1_000_000_000, 0.005));
    assertThat(LinkShape.parse("2s,64kbit,50%").delayNanos()).isEqualTo(1_000_000_000L);
  }

  @Test
  void printsWhatItReads() {
    for (String text :
        new String[] {"100ms,100mbit", "0.25ms,1000mbit,0.5%", "2000ms,0.064mbit,50%"}) {
      assertThat(LinkShape.parse(text)).hasToString(text);
      assertThat(LinkShape.parse(LinkShape.parse(text).toString()))
          .isEqualTo(LinkShape.parse(text));
    }
  }

  @Test
  void queuesWhatIsUnderWayInARoundTrip() {
    assertThat(LinkShape.parse("100ms,100mbit").queueBytes()).isEqualTo(1_250_000);
    assertThat(LinkShape.parse("1ms,1mbit").queueBytes()).isEqualTo(64 << 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "100ms",
        "100,100mbit",
        "100ms,100",
        "100ms,100mbit,1",
        "-1ms,1mbit",
        "11s,1mbit",
        "1ms,1kbit",
        "1ms,11gbit",
        "1ms,1mbit,51%",
        "1ms,1mbit,1%,x",
        "1e9s,1mbit"
      })
  void saysWhatItExpected(String text) {
    assertThatThrownBy(() -> LinkShape.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }
}
