package dev.architekt.node;

import dev.architekt.archive.ArkReader;
import dev.architekt.migration.wire.ReadService;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One package as it was when it was opened, whatever becomes of its name: open for as long as
 * anybody reads it. Thread-safe.
 */
final class Offered {
  private final Path path;
  private final FileStamp stamp;
  private final ArkReader ark;
  private final ReadService service;
  private int users = 1;

  private Offered(Path path, FileStamp stamp, ArkReader ark, ReadService service) {
    this.path = path;
    this.stamp = stamp;
    this.ark = ark;
    this.service = service;
  }

  /**
   * Opens the package for one user.
   *
   * @throws IOException when it cannot be read, is damaged, or is not written to its end yet
   */
  static Offered open(Path path, FileStamp stamp) throws IOException {
    ArkReader ark = ArkReader.open(path);
    try {
      return new Offered(path, stamp, ark, PackageService.of(ark));
    } catch (IOException | RuntimeException e) {
      ark.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  ReadService service() {
    return service;
  }

  boolean is(Path otherPath, FileStamp otherStamp) {
    return path.equals(otherPath) && stamp.equals(otherStamp);
  }

  /** One more user; false when the last one has gone already. */
  synchronized boolean enter() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  /** One user less, none of whose reads is in progress. */
  synchronized void leave() {
    users--;
    if (users > 0) {
      return;
    }
    try {
      ark.close();
    } catch (IOException e) {
      System.getLogger(Offered.class.getName()).log(System.Logger.Level.DEBUG, "closing", e);
    }
  }
}
