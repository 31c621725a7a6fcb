package dev.architekt.it.guest;

import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The blueprints that VM tests boot; built once, kept under {@code .build/guests}, rebuilt when an
 * input changes.
 */
public final class Guests {
  private Guests() {}

  public static Blueprint redis() throws IOException, InterruptedException {
    return build("redis", null, "redis-server");
  }

  /** RAM and disk hold a changing pattern that is checked all the time. */
  public static Blueprint memcheck() throws IOException, InterruptedException {
    Path overlay =
        GuestPrograms.overlay(
            folder("memcheck-overlay"), "memcheck", "-share", "0.6", "-disk-mib", "16");
    return build("memcheck", overlay);
  }

  /**
   * Redis for clients to write to, and beside it a checker of most of the RAM and of a file on the
   * disk, with a short rest now and then so that Redis gets its share of the processor.
   */
  public static Blueprint proof() throws IOException, InterruptedException {
    Path overlay =
        GuestPrograms.overlay(
            folder("proof-overlay"),
            "memcheck",
            "-share",
            "0.6",
            "-disk-mib",
            "4",
            "-pause",
            "5ms");
    return build("proof", overlay, "redis-server");
  }

  /** Computes as fast as it can. */
  public static Blueprint burn() throws IOException, InterruptedException {
    return build("burn", GuestPrograms.overlay(folder("burn-overlay"), "burn", "-mode", "cpu"));
  }

  static Path folder(String name) {
    return GuestPrograms.projectRoot().resolve(".build/guests").resolve(name);
  }

  private static synchronized Blueprint build(String name, Path overlay, String... packages)
      throws IOException, InterruptedException {
    var options = Blueprint.Options.of(folder(name), packages);
    if (overlay != null) {
      options = options.withOverlay(overlay);
    }
    return Blueprint.build(options, line -> System.err.println("guest " + name + ": " + line));
  }
}
