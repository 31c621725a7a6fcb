package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A user's script that runs inside a guest's root while it is made, after the packages are
 * installed: as root, with no input, with Debian's full set of commands, before any of that is
 * removed.
 */
final class RunScript {
  private static final String INSIDE = "/architekt-run";

  private final Path script;
  private final Path copy;
  private final Path output;
  private final Path status;
  private final Path left;

  private RunScript(Path script, Path copy) {
    this.script = script;
    this.copy = copy;
    this.output = copy.resolveSibling(copy.getFileName() + ".out");
    this.status = copy.resolveSibling(copy.getFileName() + ".status");
    this.left = copy.resolveSibling(copy.getFileName() + ".left");
  }

  /**
   * @throws BlueprintException when the file is not there or does not say what runs it
   */
  static void check(Path script) throws IOException {
    if (!Files.isRegularFile(script) || !Files.isReadable(script)) {
      throw new BlueprintException(
          "the script " + script + " is not a readable file; it runs inside the guest's root");
    }
    if (Interpreters.interpreter(script) == null) {
      throw new BlueprintException(
          "the script "
              + script
              + " does not begin with '#!'; its first line has to name what runs"
              + " it, such as #!/bin/sh");
    }
  }

  /** Copies the script beside the root, so that what runs is what was digested. */
  static RunScript prepare(Path script, Path scratch, int number) throws IOException {
    Path copy = scratch.resolve("run-" + number);
    Files.copy(script, copy);
    return new RunScript(script, copy);
  }

  /**
   * The hook for mmdebstrap, which runs it with the root's path as {@code $1} while what a chroot
   * needs is mounted. A process that the script leaves running would hold those mounts: it is named
   * and ended.
   */
  String hook() {
    return """
    set -u
    cp '%1$s' "$1%2$s" && chmod 0755 "$1%2$s"
    result=0
    chroot "$1" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive %2$s >'%3$s' 2>&1 </dev/null || result=$?
    rm -f "$1%2$s"
    for process in /proc/[0-9]*; do
      [ "$(readlink "$process/root")" = "$(readlink -f "$1")" ] || continue
      tr '\\0' ' ' <"$process/cmdline" >>'%4$s'; echo >>'%4$s'
      kill -KILL "${process#/proc/}"
    done
    echo "$result" >'%5$s'
    [ "$result" = 0 ] && [ ! -s '%4$s' ]
    """
        .formatted(copy, INSIDE, output, left, status);
  }

  /**
   * @throws BlueprintException with the script's last words, when it ran and failed
   */
  void requireSuccess() throws IOException {
    if (!Files.exists(status)) {
      return; // Something before it failed, and explains itself.
    }
    String ended = Files.readString(status, StandardCharsets.UTF_8).strip();
    if (!ended.equals("0")) {
      throw new BlueprintException(
          "the script "
              + script
              + " ended with status "
              + ended
              + " inside the guest's root:\n"
              + Tool.tail(output));
    }
    if (Files.exists(left)) {
      throw new BlueprintException(
          "the script "
              + script
              + " ended and left processes running inside the guest's root: "
              + String.join("; ", Files.readAllLines(left, StandardCharsets.UTF_8)).strip()
              + ". Services are started by the guest; what the script starts for itself it has to stop");
    }
  }
}
