package dev.architekt.node.engine;

import dev.architekt.migration.core.Bitmaps;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.StoreOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One side of a {@link Rehearsal}: everything is real but the machine, which there is none of, and
 * its mount. A thread that waits for a mount of its own process can never be ended if the process
 * is killed just then, since nobody is left to answer; and the real mount has been at work before
 * the switch-over anyway.
 */
final class RehearsedSide implements Actions, AutoCloseable {
  private static final int PAGES = 1024;
  private static final int PAGE = Bounds.PAGE_BYTES;
  private static final int DEVICE_BYTES = 400 << 10;
  private static final int PIECE_BYTES = 16 << 10;

  /** Rounds of pre-copy, in each of which some pages are written. */
  private static final int ROUNDS = 4;

  private final LocalStore store;
  private final AuthorityFile authority;
  private final KeptStateFile kept;
  private final CompletableFuture<Effect.Finished> end = new CompletableFuture<>();
  private int rounds;

  private RehearsedSide(Path directory, LocalStore.Start start) throws IOException {
    StateDirectory state = StateDirectory.open(directory);
    authority = AuthorityFile.open(state);
    kept = new KeptStateFile(state);
    store =
        LocalStore.create(
            directory.resolve("memory"),
            "rehearsal",
            (long) PAGES * PAGE,
            start,
            StoreOptions.failing());
  }

  static RehearsedSide source(Path directory) throws IOException {
    RehearsedSide side = new RehearsedSide(directory, LocalStore.Start.PRESENT);
    for (int page = 0; page < PAGES / 2; page++) {
      side.write(page);
    }
    return side;
  }

  static RehearsedSide destination(Path directory) throws IOException {
    return new RehearsedSide(directory, LocalStore.Start.ABSENT);
  }

  LocalStore store() {
    return store;
  }

  private void write(int page) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(PAGE, PAGE);
      for (long at = 0; at < PAGE; at += Long.BYTES) {
        content.set(ValueLayout.JAVA_LONG, at, page * at % 977);
      }
      store.write((long) page * PAGE, content);
    }
  }

  /** Waits for the end of the move, whatever it is. */
  void awaitEnd(Duration limit) throws IOException, InterruptedException {
    try {
      end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("the rehearsal came to no end", e);
    }
  }

  @Override
  public Event take(Step step, Effect effect) throws Exception {
    return switch (step) {
      case JOURNAL -> {
        authority.write(((Effect.Journal) effect).entry());
        yield new Event.Done(step);
      }
      case PERSIST -> {
        authority.write(((Effect.Persist) effect).authority());
        yield new Event.Persisted(((Effect.Persist) effect).authority());
      }
      case TRACK -> new Event.Tracking(List.of(store.changedSince(0)));
      case COLLECT -> new Event.Dirty(collect());
      case PAUSE -> new Event.Stopped(0);
      case SAVE_STATE -> new Event.StateSaved(state(), 0);
      case KEEP_STATE -> {
        kept.write(((Effect.Keep) effect).state());
        yield new Event.Done(step);
      }
      case DRAIN_TAP -> new Event.TapDrained(List.of());
      case PREPARE -> new Event.Prepared(List.of(-1L));
      case FORGET -> {
        forget(((Effect.Forget) effect).stale());
        yield new Event.Done(step);
      }
      case LOAD -> {
        read(((Effect.Load) effect).device());
        yield new Event.Done(step);
      }
      case RESUME -> {
        store.generation(2);
        yield new Event.Resumed(0);
      }
      case FLUSH_REGIONS -> {
        store.flush();
        yield new Event.Done(step);
      }
      case CEDE_ADDRESS,
          RECLAIM_ADDRESS,
          BEFORE_SUSPEND,
          RELEASE,
          ANNOUNCE_ADDRESS,
          WITHDRAW_ADDRESS,
          RESET_MACHINE,
          DISCARD,
          AFTER_RESUME,
          STEP_CLOCK ->
          new Event.Done(step);
      case SEND, STORE -> throw new IllegalStateException("not asked for as a step: " + step);
    };
  }

  private static MemorySegment state() throws IOException {
    StateBuffer.Sink sink = new StateBuffer.Sink();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    for (int done = 0; done < DEVICE_BYTES; done += PIECE_BYTES) {
      sink.write(piece.clear());
    }
    return sink.content();
  }

  private static void read(MemorySegment device) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    try (ReadableByteChannel state = StateBuffer.source(device)) {
      while (state.read(piece.clear()) >= 0) {
        continue;
      }
    }
  }

  private List<PageBitmap> collect() throws IOException {
    if (rounds++ < ROUNDS) {
      for (int page = rounds; page < PAGES; page += 16) {
        write(page);
      }
    }
    return DirtyPages.list(List.of(store));
  }

  private void forget(List<PageSet> stale) throws IOException {
    for (PageSet set : stale) {
      PageBitmap pages = new PageBitmap(PAGES);
      Bitmaps.add(set, pages);
      store.forget(pages);
    }
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
    reader.read(store, extent, target);
  }

  @Override
  public void inject(List<byte[]> frames) {}

  @Override
  public void notice(Effect.Notice notice) {}

  @Override
  public void finished(Effect.Finished finished) {
    end.complete(finished);
  }

  @Override
  public void close() throws IOException {
    store.close();
    authority.close();
  }
}
