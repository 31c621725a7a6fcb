package dev.architekt.migration.core;

import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.PageBitmap;
import java.util.List;

/**
 * What a destination that was started again found.
 *
 * @param authority the durable record
 * @param journal the durable journal entry
 * @param machine the machine, if it is still there
 * @param regions as described at the start of the session
 * @param missing after acceptance: pages that the stores lack, one map a region; else empty
 */
public record Recovered(
    Authority authority,
    JournalEntry journal,
    MachineFound machine,
    List<RegionInfo> regions,
    List<PageBitmap> missing) {}
