package dev.architekt.cli.demo.record;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A hop that took 3 s, as probe and destination tell of it; the command was given at 10,000 ms. */
final class SampleHop {
  static final double ORIGIN = 10_000;

  final ObjectNode window = new ObjectMapper().createObjectNode();
  final ObjectNode report = new ObjectMapper().createObjectNode();
  final List<Said> said = new ArrayList<>();

  SampleHop() {
    window.put("beganMonotonicMs", 9_990.0).put("seriesStepMs", 5.0);
    window.put("gapBeganMonotonicMs", 12_490.0).put("gapMs", 130.0);
    window.put("latencyP50Ms", 0.4).put("latencyP99Ms", 90.25);
    ArrayNode series = window.putArray("seriesMaxMicros");
    for (int i = 0; i < 1200; i++) {
      int waits = i >= 500 && i < 526 ? (526 - i) * 5_000 : 400 + i % 7 * 100;
      series.add(i == 100 ? -1 : waits);
    }
    report.put("beganMonotonicMs", 10_300.0).put("preparedMs", 600.0).put("runningMs", 2_226.0);
    report.put("totalMs", 2_700.0).put("pauseMs", 26.0).put("rounds", 3).put("pagesSent", 12_345);
    report.put("switchOverMs", 2_150.0).put("switchReason", "the estimate of 9 ms < 10 ms");
    report.putArray("roundsBeganMs").add(605.0).add(1_500.0).add(1_900.0).add(2_180.0);
    ObjectNode parts = report.putObject("pauseParts");
    parts.put("sourceStop", 4.0).put("sourceCollect", 5.0).put("sourceSave", 7.0);
    parts.put("sourceStopToSent", 12.0).put("sourceGrant", 0.2).put("onTheWay", 2.0);
    parts.put("destinationFence", 0.0).put("destinationForget", 1.0).put("destinationLoad", 6.0);
    parts.put("destinationWaitForGrant", 0.0).put("destinationPersist", 0.3);
    parts.put("destinationCont", 3.0).put("destinationStateToCont", 12.0);
  }

  Timeline.Material material(int number) {
    List<Curve.Point> bytes = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      bytes.add(new Curve.Point(i * 20, i * 600_000.0));
    }
    return new Timeline.Material(
        number,
        "node-1",
        "node-2",
        ORIGIN,
        window,
        report,
        new Curve(bytes),
        said,
        8.25,
        92_300_000);
  }

  Timeline timeline() {
    return Timeline.of(material(1));
  }
}
