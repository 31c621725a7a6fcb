package dev.architekt.node.peer;

import dev.architekt.migration.message.RegionInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pages a guest touched first after a resume, in that order: recorded when a package is made,
 * and read ahead when it is started. Thread-safe.
 *
 * <p>As text, one run of pages a line, so that {@code tar xzOf redis.ark trace} shows it:
 *
 * <pre>
 *   architekt-trace 1
 *   memory 17 1
 *   disk 4096 32
 * </pre>
 */
public final class TouchTrace {
  /** Most runs of a trace; what a guest touches later is no start any more. */
  static final int RUNS_MAX = 1 << 17;

  /** The longest text that is read, bytes. */
  static final int TEXT_MAX = 8 << 20;

  private static final String HEADER = "architekt-trace 1";

  /** Neighbouring pages of one region, RAM being region 0. */
  record Run(int region, long firstPage, long pages) {}

  private final List<Run> runs = new ArrayList<>();

  /** Adds pages that were asked for; what comes after {@link #RUNS_MAX} is left out. */
  synchronized void touched(int region, long firstPage, long pages) {
    if (!runs.isEmpty()) {
      Run last = runs.getLast();
      if (last.region() == region && last.firstPage() + last.pages() == firstPage) {
        runs.set(runs.size() - 1, new Run(region, last.firstPage(), last.pages() + pages));
        return;
      }
    }
    if (runs.size() < RUNS_MAX) {
      runs.add(new Run(region, firstPage, pages));
    }
  }

  /** The runs, in the order of their first touch. */
  synchronized List<Run> runs() {
    return List.copyOf(runs);
  }

  /** Pages in all; one that was asked for twice counts twice. */
  public synchronized long pages() {
    return runs.stream().mapToLong(Run::pages).sum();
  }

  /**
   * The text.
   *
   * @param regions their names, in order
   */
  public synchronized byte[] encode(List<String> regions) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (Run run : runs) {
      text.append(regions.get(run.region())).append(' ');
      text.append(run.firstPage()).append(' ').append(run.pages()).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a text that came from elsewhere; regions that are not among those given are left out.
   *
   * @param regions RAM and disks, in order
   * @throws IOException if it is no trace, or names pages that there are not
   */
  static TouchTrace parse(byte[] text, List<RegionInfo> regions) throws IOException {
    if (text.length > TEXT_MAX) {
      throw new IOException(
          "trace of " + text.length + " bytes, expected at most " + TEXT_MAX + " bytes");
    }
    String[] lines = new String(text, StandardCharsets.UTF_8).split("\n");
    if (!lines[0].equals(HEADER)) {
      throw new IOException(
          "trace: expected \"" + HEADER + "\" first, found \"" + shortened(lines[0]) + "\"");
    }
    if (lines.length > RUNS_MAX + 1) {
      throw new IOException("trace of " + lines.length + " lines, expected at most " + RUNS_MAX);
    }
    TouchTrace trace = new TouchTrace();
    for (int line = 1; line < lines.length; line++) {
      trace.add(lines[line], line + 1, regions);
    }
    return trace;
  }

  private void add(String line, int number, List<RegionInfo> regions) throws IOException {
    String[] words = line.split(" ");
    if (words.length != 3 || !words[1].matches("\\d{1,10}") || !words[2].matches("\\d{1,9}")) {
      throw new IOException(
          "trace, line "
              + number
              + ": expected a region, a page and a number of pages, found \""
              + shortened(line)
              + "\"");
    }
    for (int region = 0; region < regions.size(); region++) {
      RegionInfo info = regions.get(region);
      if (info.name().equals(words[0])) {
        long first = Long.parseLong(words[1]);
        int pages = Integer.parseInt(words[2]);
        if (pages < 1 || first + pages > info.pages()) {
          throw new IOException(
              "trace, line "
                  + number
                  + ": "
                  + info.name()
                  + " has "
                  + info.pages()
                  + " pages, found "
                  + pages
                  + " from "
                  + first);
        }
        touched(region, first, pages);
      }
    }
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
