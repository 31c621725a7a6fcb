package dev.architekt.cli.lab.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameQueueTest {
  @Test
  void givesFramesBackInOrderAlsoOnceItHasWrapped() {
    try (Arena arena = Arena.ofConfined()) {
      FrameQueue queue = new FrameQueue(arena, 5); // room for 8
      Deque<Integer> expected = new ArrayDeque<>();
      Random random = new Random(7);
      for (int i = 0; i < 10_000; i++) {
        if (!queue.isFull() && (expected.isEmpty() || random.nextBoolean())) {
          queue.free().set(ValueLayout.JAVA_INT_UNALIGNED, 0, i);
          queue.add(64 + i % 1000, i);
          expected.add(i);
        } else {
          int oldest = expected.remove();
          assertThat(queue.firstDue()).isEqualTo(oldest);
          assertThat(queue.first().byteSize()).isEqualTo(64 + oldest % 1000);
          assertThat(queue.first().get(ValueLayout.JAVA_INT_UNALIGNED, 0)).isEqualTo(oldest);
          queue.removeFirst();
        }
        assertThat(queue.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(queue.isFull()).isEqualTo(expected.size() == 8);
      }
    }
  }
}
