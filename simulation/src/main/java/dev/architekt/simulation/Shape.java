package dev.architekt.simulation;

import dev.architekt.migration.message.RegionInfo;
import dev.architekt.testkit.Dice;
import java.util.List;

/** The size and pace of one run. */
record Shape(
    int memoryPages,
    int diskPages,
    long latencyNanos,
    long jitterNanos,
    int bulkLanes,
    long guestNanos,
    int hotPages,
    long diskNanos,
    boolean lineage) {
  static final long MS = 1_000_000;

  static Shape of(Dice dice) {
    int memory = (int) dice.between(300, 1100);
    return new Shape(
        memory,
        (int) dice.between(20, 300),
        dice.between(MS / 10, dice.percent(20) ? 60 * MS : 3 * MS),
        dice.between(0, 4 * MS),
        (int) dice.between(1, 4),
        dice.between(MS / 2, 4 * MS),
        (int) dice.between(4, memory / 8),
        dice.between(MS / 10, 8 * MS),
        dice.percent(30));
  }

  int[] pages() {
    return new int[] {memoryPages, diskPages};
  }

  List<RegionInfo> regions() {
    return List.of(
        new RegionInfo("memory", RegionInfo.Kind.MEMORY, memoryPages),
        new RegionInfo("disk", RegionInfo.Kind.DISK, diskPages));
  }
}
