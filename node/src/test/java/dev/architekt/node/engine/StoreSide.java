package dev.architekt.node.engine;

import dev.architekt.migration.core.Bitmaps;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.StoreOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One host of a move whose engine, wire and store are the product's, and whose machine is none:
 * steps that would change one are noted, and can be held up.
 */
final class StoreSide implements Actions, AutoCloseable {
  private static final int PAGE = Bounds.PAGE_BYTES;

  final LocalStore store;
  final CompletableFuture<Effect.Finished> end = new CompletableFuture<>();
  final BlockingQueue<Effect.Notice> notices = new LinkedBlockingQueue<>();
  final AtomicLong sentPages = new AtomicLong();
  private final Map<Step, Long> doneAt = new ConcurrentHashMap<>();
  private final Map<Step, CountDownLatch> held = new ConcurrentHashMap<>();

  private StoreSide(Path directory, long bytes, LocalStore.Start start) throws IOException {
    store = LocalStore.create(directory, "test", bytes, start, StoreOptions.failing());
  }

  /** With content that does not compress. */
  static StoreSide source(Path directory, long bytes) throws IOException {
    StoreSide side = new StoreSide(directory, bytes, LocalStore.Start.PRESENT);
    Random random = new Random(1);
    for (long page = 0; page < bytes / PAGE; page++) {
      side.write(page, random);
    }
    return side;
  }

  static StoreSide destination(Path directory, long bytes) throws IOException {
    return new StoreSide(directory, bytes, LocalStore.Start.ABSENT);
  }

  void write(long page, Random random) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(PAGE, PAGE);
      for (long at = 0; at < PAGE; at += Long.BYTES) {
        content.set(ValueLayout.JAVA_LONG, at, random.nextLong());
      }
      store.write(page * PAGE, content);
    }
  }

  /** The step waits until the latch is open. */
  CountDownLatch hold(Step step) {
    CountDownLatch latch = new CountDownLatch(1);
    held.put(step, latch);
    return latch;
  }

  /** When the step was done last, by {@link System#nanoTime}; 0 when it was not. */
  long doneAt(Step step) {
    return doneAt.getOrDefault(step, 0L);
  }

  @Override
  public Event take(Step step, Effect effect) throws Exception {
    CountDownLatch latch = held.remove(step);
    if (latch != null && !latch.await(60, TimeUnit.SECONDS)) {
      throw new IOException(step + " was held for too long");
    }
    Event answer = answer(step, effect);
    doneAt.put(step, System.nanoTime());
    return answer;
  }

  private Event answer(Step step, Effect effect) throws IOException {
    return switch (step) {
      case PERSIST -> new Event.Persisted(((Effect.Persist) effect).authority());
      case TRACK -> {
        store.collectDirty(new PageBitmap(store.pages()));
        PageBitmap all = new PageBitmap(store.pages());
        all.setAll();
        yield new Event.Tracking(List.of(all));
      }
      case COLLECT -> new Event.Dirty(DirtyPages.list(List.of(store)));
      case PAUSE -> new Event.Stopped(0);
      case SAVE_STATE -> new Event.StateSaved(Arena.ofAuto().allocate(1 << 10), 0);
      case DRAIN_TAP -> new Event.TapDrained(List.of());
      case PREPARE -> new Event.Prepared(List.of(-1L));
      case FORGET -> {
        for (PageSet set : ((Effect.Forget) effect).stale()) {
          PageBitmap pages = new PageBitmap(store.pages());
          Bitmaps.add(set, pages);
          store.forget(pages);
        }
        yield new Event.Done(step);
      }
      case RESUME -> new Event.Resumed(0);
      case SEND, STORE -> throw new IllegalStateException("not asked for as a step: " + step);
      default -> new Event.Done(step);
    };
  }

  @Override
  public void store(Message message, boolean onlyAbsent, boolean warm) throws IOException {
    switch (message) {
      case Message.Pages pages -> {
        if (onlyAbsent) {
          store.fill(pages.firstPage(), pages.data(), 1);
        } else {
          store.receive(pages.firstPage(), pages.data(), 1);
        }
      }
      case Message.Zeroes zeroes -> store.receiveZero(zeroes.firstPage(), zeroes.pages(), 1);
      default -> throw new IllegalStateException("not pages: " + message);
    }
  }

  @Override
  public void read(Effect.SendExtent extent, ExtentReader reader, ExtentReader.Target target)
      throws IOException {
    reader.read(
        store,
        extent,
        message -> {
          target.accept(message);
          sentPages.addAndGet(
              switch (message) {
                case Message.Pages pages -> pages.pages();
                case Message.Zeroes zeroes -> zeroes.pages();
                default -> 0;
              });
        });
  }

  @Override
  public void inject(List<byte[]> frames) {}

  @Override
  public void notice(Effect.Notice notice) {
    notices.add(notice);
  }

  @Override
  public void finished(Effect.Finished finished) {
    end.complete(finished);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
