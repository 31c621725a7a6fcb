package dev.architekt.hypervisor.qemu;

import java.time.Duration;

/**
 * How long QEMU may take before a call gives up. Giving up changes nothing there; it only ends the
 * wait here.
 */
final class Limits {
  /** From exec to the first answer; it waits for disks to connect. */
  static final Duration START = Duration.ofSeconds(30);

  static final Duration COMMAND = Duration.ofSeconds(10);

  /** {@code stop} and {@code cont} wait for disks to finish what is in flight. */
  static final Duration RUN_CHANGE = Duration.ofSeconds(30);

  /** Without a byte of state. */
  static final Duration STATE_SILENCE = Duration.ofSeconds(30);

  /** From the last byte of state to the outcome; loading may wait for pages from another host. */
  static final Duration STATE_OUTCOME = Duration.ofSeconds(60);

  /** For a machine that was running before this process was. */
  static final Duration ADOPTION = Duration.ofSeconds(30);

  private Limits() {}
}
