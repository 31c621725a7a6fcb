package dev.architekt.network;

import dev.architekt.network.NetworkException.Problem;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/** What a kernel test needs; without it the test is skipped, and says so. */
final class Requires {
  private Requires() {}

  static void network() throws IOException {
    for (Finding finding : new NetworkDoctor(Lab.NETWORK).examine()) {
      // The subnets are used in the laboratory's own namespaces only.
      boolean matters = finding.fatal() && finding.problem() != Problem.SUBNET_CLASH;
      Assumptions.assumeFalse(matters, finding.what());
    }
  }
}
