package dev.architekt.archive;

import java.util.List;

/**
 * Holds the offsets of a table of contents against the layout that every package has; nothing may
 * overlap.
 */
final class Placement {
  private Placement() {}

  /**
   * Sets each file's {@link Chunks#end}; {@code indexOffset} is where the table of contents itself
   * starts.
   */
  static void settle(List<Chunks> files, long indexOffset) throws Corrupt {
    long gap = 0;
    long sizeBefore = 0;
    Chunks before = null;
    for (Chunks file : files) {
      gap += Layout.gapSize(sizeBefore, true);
      sizeBefore = file.size;
      if (file.count() > 0) {
        end(before, file.offset(0), gap, file.name);
        ascending(file);
        before = file;
        gap = 0;
      }
    }
    end(before, indexOffset, gap + Layout.gapSize(sizeBefore, false), Layout.INDEX_NAME);
  }

  /** The content of {@code before} ends where the headers in front of {@code next} begin. */
  private static void end(Chunks before, long nextOffset, long gap, String next) throws Corrupt {
    long end = nextOffset - gap;
    if (before == null) {
      if (end != 0) {
        throw new Corrupt("\"" + next + "\" at " + gap, "it at " + nextOffset);
      }
      return;
    }
    before.end = end;
    member(before, before.count() - 1);
  }

  private static void ascending(Chunks file) throws Corrupt {
    for (int chunk = 0; chunk < file.count() - 1; chunk++) {
      member(file, chunk);
    }
  }

  private static void member(Chunks file, int chunk) throws Corrupt {
    long length = file.end(chunk) - file.offset(chunk);
    long max = Member.sizeMax(file.length(chunk));
    if (length < Member.OVERHEAD || length > max) {
      throw new Corrupt(
          "chunk %d of \"%s\" to take %d to %d bytes"
              .formatted(chunk, file.name, Member.OVERHEAD, max),
          length + " bytes from " + file.offset(chunk));
    }
  }
}
