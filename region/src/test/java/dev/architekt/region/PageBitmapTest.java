package dev.architekt.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageBitmapTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 63, 64, 65, 200, 1000, 4096})
  void agreesWithABitSetUnderRandomOperations(long pages) throws Exception {
    Random random = new Random(pages);
    PageBitmap bitmap = new PageBitmap(pages);
    BitSet model = new BitSet();
    for (int i = 0; i < 3000; i++) {
      int first = random.nextInt((int) pages);
      int count = random.nextInt((int) Math.min(pages - first, 150) + 1);
      switch (random.nextInt(6)) {
        case 0 -> {
          assertThat(bitmap.set(first)).isEqualTo(!model.get(first));
          model.set(first);
        }
        case 1 -> {
          assertThat(bitmap.clear(first)).isEqualTo(model.get(first));
          model.clear(first);
        }
        case 2 -> {
          long clear = count - model.get(first, first + count).cardinality();
          assertThat(bitmap.set(first, count)).isEqualTo(clear);
          model.set(first, first + count);
        }
        case 3 -> {
          assertThat(bitmap.clear(first, count))
              .isEqualTo(model.get(first, first + count).cardinality());
          model.clear(first, first + count);
        }
        case 4 -> {
          assertThat(bitmap.nextSet(first)).isEqualTo(model.nextSetBit(first));
          long clear = model.nextClearBit(first);
          assertThat(bitmap.nextClear(first)).isEqualTo(clear < pages ? clear : -1);
          int end = first + count;
          int nextSet = model.nextSetBit(first);
          assertThat(bitmap.nextSet(first, end))
              .isEqualTo(nextSet < 0 ? end : Math.min(end, nextSet));
          assertThat(bitmap.nextClear(first, end)).isEqualTo(Math.min(end, clear));
          assertThat(bitmap.count(first, count))
              .isEqualTo(model.get(first, first + count).cardinality());
          assertThat(bitmap.all(first, count))
              .isEqualTo(model.get(first, first + count).cardinality() == count);
        }
        default -> {
          byte[] bytes = PageBitmapCodec.encode(bitmap);
          assertThat((long) bytes.length).isLessThanOrEqualTo(PageBitmapCodec.maxBytes(pages));
          PageBitmap back = PageBitmapCodec.decode(ByteBuffer.wrap(bytes), pages);
          assertThat(back.runs()).isEqualTo(bitmap.runs());
        }
      }
      assertThat(bitmap.count()).isEqualTo(model.cardinality());
    }
    long total = bitmap.runs().stream().mapToLong(PageRun::count).sum();
    assertThat(total).isEqualTo(model.cardinality());
  }

  @Test
  void combinesBitmaps() {
    PageBitmap a = new PageBitmap(130);
    PageBitmap b = new PageBitmap(130);
    a.set(0, 100);
    b.set(50, 80);
    PageBitmap or = a.copy();
    or.or(b);
    assertThat(or.count()).isEqualTo(130);
    PageBitmap and = a.copy();
    and.and(b);
    assertThat(and.runs()).containsExactly(new PageRun(50, 50));
    a.andNot(b);
    assertThat(a.runs()).containsExactly(new PageRun(0, 50));
    assertThatThrownBy(() -> a.or(new PageBitmap(129)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesPagesOutside() {
    PageBitmap bitmap = new PageBitmap(100);
    assertThatThrownBy(() -> bitmap.get(100)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bitmap.set(99, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bitmap.clear(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bitmap.all(1, Long.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void sparseMapsAreSmallOnTheWire() {
    PageBitmap bitmap = new PageBitmap(16L << 20);
    bitmap.set(5_000_000, 3);
    assertThat(PageBitmapCodec.encode(bitmap).length).isLessThan(24);
  }

  @Test
  void refusesDamagedBytesWithoutAllocatingWhatTheyClaim() {
    PageBitmap bitmap = new PageBitmap(10_000);
    bitmap.set(17, 1000);
    byte[] good = PageBitmapCodec.encode(bitmap);
    for (int cut = 0; cut < good.length; cut++) {
      ByteBuffer in = ByteBuffer.wrap(good, 0, cut);
      assertThatThrownBy(() -> PageBitmapCodec.decode(in, 10_000))
          .isInstanceOf(DataFormatException.class);
    }
    assertThatThrownBy(() -> PageBitmapCodec.decode(ByteBuffer.wrap(good), 9_999))
        .isInstanceOf(DataFormatException.class)
        .hasMessageContaining("expected 9999 pages, found 10000");
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      try {
        assertThat(PageBitmapCodec.decode(ByteBuffer.wrap(bytes), 10_000).count())
            .isLessThanOrEqualTo(10_000);
      } catch (DataFormatException e) {
        assertThat(e).hasMessageContaining("page bitmap");
      }
    }
  }

  @Test
  void noBitIsLostBetweenSettersAndACollector() throws Exception {
    int threads = 3;
    int rounds = 200_000;
    PageBitmap bitmap = new PageBitmap(256);
    AtomicLong set = new AtomicLong();
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int seed = t;
      Thread.ofPlatform()
          .start(() -> {
            Random random = new Random(seed);
            long mine = 0;
            for (int i = 0; i < rounds; i++) {
              mine += bitmap.set(random.nextInt(256)) ? 1 : 0;
            }
            set.addAndGet(mine);
            done.countDown();
          });
    }
    PageBitmap into = new PageBitmap(256);
    long collected = 0;
    while (done.getCount() > 0) {
      collected += bitmap.moveTo(into);
    }
    collected += bitmap.moveTo(into);
    assertThat(collected).isEqualTo(set.get());
  }
}
