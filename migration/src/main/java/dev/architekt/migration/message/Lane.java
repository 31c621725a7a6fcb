package dev.architekt.migration.message;

/**
 * The connections of one link, by number. Control carries everything but page data and the state;
 * urgent carries demands one way and the demanded pages the other way; bulk lanes carry everything
 * else.
 */
public final class Lane {
  /** Requests, decisions, acknowledgements. */
  public static final int CONTROL = 0;

  /** Demands and what answers them; never shared with bulk data. */
  public static final int URGENT = 1;

  /** The first bulk lane; the others follow. */
  public static final int FIRST_BULK = 2;

  /** Most bulk lanes of a link. */
  public static final int BULK_MAX = 8;

  /** One more than the largest lane number. */
  public static final int COUNT_MAX = FIRST_BULK + BULK_MAX;

  private Lane() {}

  /**
   * The lane of the device state over a long line, and of the grant, which must not overtake it:
   * the first bulk lane, because TCP has learnt there how much the line takes. A connection that
   * has said little would need several round trips for the state of a machine.
   *
   * @param bulkLanes how many bulk lanes the link has; without any it is the control lane
   */
  public static int ofState(int bulkLanes) {
    return bulkLanes > 0 ? FIRST_BULK : CONTROL;
  }

  /**
   * The bulk lane of a page, the same for every version of it: two versions of one page on two
   * lanes could overtake each other, and the older one would stay.
   *
   * @param bulkLanes how many bulk lanes the link has, 1 to {@link #BULK_MAX}
   */
  public static int ofPage(int region, long page, int bulkLanes) {
    return FIRST_BULK + (int) ((page / Bounds.STRIPE_PAGES + region) % bulkLanes);
  }
}
