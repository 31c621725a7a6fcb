package dev.architekt.cli.demo;

import dev.architekt.cli.demo.record.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The file of {@code --record}: the demo as a page. */
public final class DemoPage {
  private DemoPage() {}

  /**
   * Writes what there is.
   *
   * @param words the command's arguments, as the person typed them
   * @param failure what ended the demo early, or null
   */
  public static void write(
      Path file, Demo demo, List<String> words, List<String> broken, Exception failure)
      throws IOException {
    List<String> wrong = new ArrayList<>(broken);
    if (failure != null) {
      wrong.add("ended early: " + failure.getMessage());
    }
    Page.write(file, demo.summary(words, wrong), demo.recording());
  }
}
