package dev.architekt.bench.migrate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The gaps of every engine, sorted: the share of hops whose gap was at most so long. */
final class GapChart {
  private GapChart() {}

  /** Draws into {@code file}, a PNG. */
  static void write(Map<String, List<Hop>> engines, String load, Path file) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(500)
            .title("Gap seen by a client, load " + load)
            .xAxisTitle("ms")
            .yAxisTitle("share of hops, %")
            .build();
    engines.forEach((engine, hops) -> {
      List<Double> gaps = hops.stream().map(Hop::gapMs).sorted().toList();
      List<Double> shares =
          new ArrayList<>(
              IntStream.rangeClosed(1, gaps.size())
                  .mapToObj(i -> 100.0 * i / gaps.size())
                  .toList());
      chart.addSeries(engine, gaps, shares).setMarker(SeriesMarkers.CIRCLE);
    });
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }
}
