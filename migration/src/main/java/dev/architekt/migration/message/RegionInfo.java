package dev.architekt.migration.message;

/**
 * One region of an instance.
 *
 * @param name its name in the package, for example {@code memory} or {@code disk}
 * @param kind what it is to the guest
 * @param pages its size in pages, 1 to {@link Bounds#REGION_PAGES_MAX}
 */
public record RegionInfo(String name, Kind kind, long pages) {
  /** What a region is to the guest; the numbers are on the wire. */
  public enum Kind {
    /** RAM behind a mount, with a page cache in between. */
    MEMORY,
    /** A disk behind NBD, with none. */
    DISK
  }

  public RegionInfo {
    Bounds.text("region name", name, Bounds.NAME_MAX);
    Bounds.inRange("region pages", pages, 1, Bounds.REGION_PAGES_MAX);
  }
}
