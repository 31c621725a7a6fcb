package dev.architekt.network;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/** What a kernel test needs; without it the test is skipped, and says so. */
final class Requires {
  private Requires() {}

  static void network() throws IOException {
    for (Finding finding : new NetworkDoctor(Lab.NETWORK).examine()) {
      Assumptions.assumeFalse(finding.fatal(), finding.what());
    }
  }
}
