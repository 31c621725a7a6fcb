package dev.architekt.migration.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a peer may not say. */
class MessageBoundsTest {
  private static final MemorySegment PAGE = MemorySegment.ofArray(new byte[Bounds.PAGE_BYTES]);

  private static void refused(Runnable made) {
    assertThatThrownBy(made::run).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pagesAndTheirBytesMustAgree() {
    refused(() -> new Message.Pages(0, 0, 2, 0, false, PAGE));
    refused(() -> new Message.Pages(0, -1, 1, 0, false, PAGE));
    refused(() -> new Message.Pages(Bounds.REGIONS_MAX, 0, 1, 0, false, PAGE));
    refused(() -> new Message.Zeroes(0, 0, Bounds.STRIPE_PAGES + 1, 0, false));
    refused(() -> new Message.Zeroes(0, Bounds.REGION_PAGES_MAX, 1, 0, false));
  }

  @Test
  void windowsEpochsAndLanesHaveBounds() {
    UUID id = new UUID(0, 1);
    refused(() -> new Message.Begin(id, id, Strategy.AUTO, 0, 1, List.of(-1L)));
    refused(() -> new Message.Begin(id, id, Strategy.AUTO, -1, 1 << 20, List.of(-1L)));
    refused(() -> new Message.Begin(id, id, Strategy.AUTO, 0, 1 << 20, List.of()));
    refused(() -> new Message.Accepted(0));
    refused(() -> new Message.Stored(Lane.CONTROL, 1));
    refused(() -> new Message.Stored(Lane.COUNT_MAX, 1));
  }

  @Test
  void everyVersionOfAPageHasTheSameLane() {
    for (long page = 0; page < 5_000; page++) {
      int lane = Lane.ofPage(1, page, 4);
      assertThat(lane).isBetween(Lane.FIRST_BULK, Lane.FIRST_BULK + 3);
      assertThat(lane).isEqualTo(Lane.ofPage(1, page - page % Bounds.STRIPE_PAGES, 4));
    }
  }

  @Test
  void pageSetsComeBackAsTheyWere() {
    BitSet pages = new BitSet();
    pages.set(3);
    pages.set(64, 300);
    PageSet set = PageSet.of(2, pages);
    assertThat(set.toBitSet()).isEqualTo(pages);
    assertThat(set.cardinality()).isEqualTo(237);
  }
}
