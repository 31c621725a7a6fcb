package dev.architekt.node.peer;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What becomes of a VM whose process is asked to end.
 *
 * @param target the package that it is suspended into; empty for the one of its directory
 * @param whole whether nothing of the VM is to stay but that package
 */
public record StopPolicy(Kind kind, Optional<Path> target, boolean whole) {
  /** The package of a directory, when no other is named. */
  public static final String PACKAGE = "suspended.ark";

  /** What is done. */
  public enum Kind {
    /** Its state is kept, to go on with it later. */
    SUSPEND,
    /** It is ended as by pulling the plug, and removed. */
    STOP,
    /** It runs on, for the next process on the same directory. */
    LEAVE
  }

  /** Ends it and keeps nothing. */
  public static StopPolicy stop() {
    return new StopPolicy(Kind.STOP, Optional.empty(), false);
  }

  /** Suspends it into a package of its directory, or into {@code target}. */
  public static StopPolicy suspend(Optional<Path> target) {
    return new StopPolicy(Kind.SUSPEND, target, false);
  }

  /** Suspends it back into the package that it came from, and empties its directory. */
  public static StopPolicy backInto(Path target) {
    return new StopPolicy(Kind.SUSPEND, Optional.of(target), true);
  }

  /** Leaves it running. */
  public static StopPolicy leave(Optional<Path> target) {
    return new StopPolicy(Kind.LEAVE, target, false);
  }
}
