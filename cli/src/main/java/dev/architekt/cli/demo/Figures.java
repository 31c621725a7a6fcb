package dev.architekt.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The file of {@code --json}: the figures, and the verdict on them. */
public final class Figures {
  private Figures() {}

  /**
   * @param failure what ended the demo early, or null
   * @param kept whether it was left up, so that nobody looked for what stays behind
   */
  public static void write(
      Path file, Demo demo, List<String> broken, Exception failure, boolean kept)
      throws IOException {
    Map<String, Object> figures = demo.figures();
    figures.put("passed", failure == null && broken.isEmpty());
    figures.put("broken", broken);
    figures.put("nothingLeft", kept ? null : broken.stream().noneMatch(Figures::isLeft));
    if (failure != null) {
      figures.put("failure", String.valueOf(failure.getMessage()));
    }
    Report.write(file, figures);
  }

  private static boolean isLeft(String text) {
    return text.startsWith("left on this machine");
  }
}
