package dev.architekt.region;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Sleeping inside a call that is declared to fail with an IOException. */
final class Pause {
  private Pause() {}

  static void sleep(Duration time) throws InterruptedIOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted during a pause of " + time);
    }
  }
}
