package dev.architekt.migration.message;

/** The limits of every field that comes from outside; a decoder checks them before it allocates. */
public final class Bounds {
  /** Bytes of a page, the unit in which a region is tracked. */
  public static final int PAGE_BYTES = 4096;

  /** Pages in one {@link Message.Pages}: 256 KiB, which a demand read waits for at most once. */
  public static final int DATA_PAGES_MAX = 64;

  /** Pages in one {@link Message.Zeroes} and in one step of the lane stripe: 1 MiB. */
  public static final int STRIPE_PAGES = 256;

  /** Pages of one region: 1 TiB, a bitmap of 32 MiB. */
  public static final int REGION_PAGES_MAX = 1 << 28;

  /** Regions of one instance: one memory and some disks. */
  public static final int REGIONS_MAX = 16;

  /** Bytes of device state; a machine without video memory needs half a megabyte. */
  public static final int STATE_BYTES_MAX = 64 << 20;

  /** Frames in one {@link Message.Frames}: the longest queue of a tap device. */
  public static final int FRAMES_MAX = 10_000;

  /** Bytes of one network frame, with room for jumbo frames and a virtio header. */
  public static final int FRAME_BYTES_MAX = 10_240;

  /** Bytes of all frames in one {@link Message.Frames}. */
  public static final int FRAMES_BYTES_MAX = 16 << 20;

  /** Characters of a name (region, key of a machine fact, address). */
  public static final int NAME_MAX = 256;

  /** Characters of a reason for people, or of the value of a machine fact. */
  public static final int TEXT_MAX = 4096;

  /** Facts about the machine in a {@link Message.Description}. */
  public static final int FACTS_MAX = 64;

  /** Largest credit window in bytes, per link. */
  public static final long WINDOW_BYTES_MAX = 1L << 30;

  /** Smallest credit window in bytes: one stripe, or nothing could be sent at all. */
  public static final long WINDOW_BYTES_MIN = (long) STRIPE_PAGES * PAGE_BYTES;

  /** Smallest limit of a link, in bytes a second: a run of pages takes four seconds then. */
  public static final long LIMIT_MIN = 64 << 10;

  /** Largest epoch; leaves room for arithmetic without overflow. */
  public static final long EPOCH_MAX = 1L << 62;

  private Bounds() {}

  static void inRange(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          field + ": expected " + least + " to " + most + ", found " + value);
    }
  }

  static String text(String field, String value, int most) {
    if (value.length() > most) {
      throw new IllegalArgumentException(
          field + ": expected at most " + most + " characters, found " + value.length());
    }
    return value;
  }

  static void span(int region, long firstPage, int pages, int pagesMax) {
    inRange("region", region, 0, REGIONS_MAX - 1);
    inRange("pages", pages, 1, pagesMax);
    inRange("firstPage", firstPage, 0, REGION_PAGES_MAX - pages);
  }
}
