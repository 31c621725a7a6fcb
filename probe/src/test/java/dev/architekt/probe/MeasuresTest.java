package dev.architekt.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** The small instruments under the probes. */
class MeasuresTest {

  @Test
  void quantilesAreWithinASixteenthOfTheTruth() {
    var histogram = new Histogram();
    for (long value = 1; value <= 100_000; value++) {
      histogram.add(value * 1_000);
    }
    assertThat(histogram.quantile(0.5)).isBetween(50_000_000L, 53_200_000L);
    assertThat(histogram.quantile(0.99)).isBetween(99_000_000L, 100_000_000L);
    assertThat(histogram.quantile(1)).isEqualTo(100_000_000L);
    assertThat(new Histogram().quantile(0.5)).isZero();
  }

  @Test
  void valuesTellTheirWriteAndDoNotCompress() {
    var value = ByteBuffer.allocate(1000);
    Values.put(value, 7, 42, 3, 1000);
    assertThat(Values.sequenceOf(value.array(), 7, 42, 1000)).isEqualTo(3);
    assertThat(Values.sequenceOf(value.array(), 7, 43, 1000)).isEqualTo(-1);
    assertThat(Values.sequenceOf(value.array(), 8, 42, 1000)).isEqualTo(-1);
    var deflater = new Deflater(9);
    deflater.setInput(value.array());
    deflater.finish();
    assertThat(deflater.deflate(new byte[2000])).isGreaterThan(980);
    deflater.end();
  }

  @Test
  void sizesThatAreNoMultipleOfEightAreFilled() {
    for (int size = Values.SIZE_MIN; size < Values.SIZE_MIN + 9; size++) {
      var value = ByteBuffer.allocate(size);
      Values.put(value, 1, 2, 5, size);
      assertThat(value.remaining()).isZero();
      assertThat(Values.sequenceOf(value.array(), 1, 2, size)).isEqualTo(5);
    }
  }

  @Test
  void kernelCountersAreFoundByName() throws Exception {
    List<String> lines = List.of("Tcp: A EstabResets B", "Tcp: 1 22 3", "Udp: X", "Udp: 9");
    assertThat(KernelCounters.value(lines, "Tcp:", "EstabResets")).isEqualTo(22);
    assertThat(KernelCounters.read().retransmits()).isNotNegative();
  }

  @Test
  void whatRedisCliSaysOfASlowAnswerIsNoElement() throws Exception {
    BufferedReader answers =
        new BufferedReader(new StringReader("1) \"a\"\n(0.58s)\n1) (nil)\n(12.00s)\n"));
    assertThat(JournalVerifier.element(answers)).isEqualTo("1) \"a\"");
    assertThat(JournalVerifier.element(answers)).isEqualTo("1) (nil)");
    assertThat(JournalVerifier.element(answers)).isNull();
  }

  @Test
  void redisCliQuotingIsUndone() throws Exception {
    assertThat(JournalVerifier.value("12) \"a\\\"\\\\\\n\\r\\t\\a\\b\\x00\\xff) \""))
        .isEqualTo(new byte[] {'a', '"', '\\', '\n', '\r', '\t', 7, 8, 0, -1, ')', ' '});
    assertThat(JournalVerifier.value(" 1) (nil)")).isNull();
  }

  @Test
  void aClockThatGoesBackOrAnotherBootIsSeen() {
    var probe = new ClockProbe(new InetSocketAddress("127.0.0.1", 1));
    probe.note("boot-a 100.000500", 100_000_000, 200);
    assertThat(probe.details()).containsEntry("backwardSteps", 0L).containsEntry("offsetMs", 0.4);
    probe.note("boot-a 99.999500", 100_001_000, 200);
    probe.note("boot-b 100.200000", 100_200_000, 0);
    assertThat(probe.details())
        .containsEntry("backwardSteps", 1L)
        .containsEntry("worstBackwardMs", 1.0)
        .containsEntry("errors", 0L);
    assertThat((java.util.Set<?>) probe.details().get("bootIds")).hasSize(2);
    probe.note("garbage", 0, 0);
    assertThat(probe.details()).containsEntry("errors", 1L);
  }
}
