package dev.architekt.node.engine;

import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.BasePages;
import dev.architekt.mount.Collector;
import dev.architekt.network.HeldFrames;
import dev.architekt.network.Reachability;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.KeptStateFile;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the source of a migration does to its host. */
public final class SourceActions implements Actions {
  private final DataPlane plane;
  private final AuthorityFile authority;
  private final Consumer<Effect.Notice> notices;
  private final Consumer<Effect.Finished> ends;
  private final KeptStateFile kept;
  private volatile Collector collector;

  public SourceActions(
      DataPlane plane,
      AuthorityFile authority,
      Consumer<Effect.Notice> notices,
      Consumer<Effect.Finished> ends) {
    this.plane = plane;
    this.authority = authority;
    this.notices = notices;
    this.ends = ends;
    this.kept = new KeptStateFile(plane.host().state());
  }

  @Override
  public BasePages base() {
    return plane.base();
  }

  @Override
  public Event take(Step step, Effect effect) throws Exception {
    return switch (step) {
      case JOURNAL -> {
        authority.write(((Effect.Journal) effect).entry());
        yield new Event.Done(step);
      }
      case PERSIST -> {
        var record = ((Effect.Persist) effect).authority();
        authority.write(record);
        yield new Event.Persisted(record);
      }
      case TRACK -> {
        plane.machine().prepareSave();
        yield new Event.Tracking(track(((Effect.StartTracking) effect).lineage()));
      }
      case COLLECT -> new Event.Dirty(collect());
      case CEDE_ADDRESS -> reachability(step, Reachability::hold);
      case RECLAIM_ADDRESS -> reclaim(step);
      case BEFORE_SUSPEND -> {
        Guest.beforeSuspend(plane);
        yield new Event.Done(step);
      }
      case PAUSE -> {
        // Before the stop: a frame that came later would be read by the stopped machine, which
        // reads one ahead.
        Optional<Reachability> reachability = plane.reachability();
        if (reachability.isPresent()) {
          reachability.get().divert();
        }
        long asked = System.nanoTime();
        plane.machine().pause();
        yield new Event.Stopped(System.nanoTime() - asked);
      }
      case SAVE_STATE -> saveState();
      case KEEP_STATE -> {
        kept.write(((Effect.Keep) effect).state());
        yield new Event.Done(step);
      }
      case DRAIN_TAP -> new Event.TapDrained(drain());
      case RESUME -> {
        plane.machine().resume();
        yield new Event.Done(step);
      }
      case AFTER_RESUME -> {
        endCollecting();
        Guest.afterResume(plane);
        yield new Event.Done(step);
      }
      case STEP_CLOCK -> {
        Guest.stepClock(plane);
        yield new Event.Done(step);
      }
      case FLUSH_REGIONS -> {
        plane.flush();
        kept.flush();
        yield new Event.Done(step);
      }
      case RELEASE -> {
        endCollecting();
        release();
        yield new Event.Done(step);
      }
      case SEND,
          PREPARE,
          STORE,
          FORGET,
          LOAD,
          ANNOUNCE_ADDRESS,
          WITHDRAW_ADDRESS,
          RESET_MACHINE,
          DISCARD ->
          throw new IllegalStateException("not a step of a source: " + step);
    };
  }

  /** Clears the dirty maps first: what is written meanwhile is in both lists, never in none. */
  private List<PageBitmap> track(List<Long> lineage) throws IOException {
    if (collector == null) {
      collector = plane.collector();
    }
    List<PageBitmap> changed = new ArrayList<>();
    List<LocalStore> stores = plane.stores().all();
    for (int region = 0; region < stores.size(); region++) {
      LocalStore store = stores.get(region);
      store.collectDirty(new PageBitmap(store.pages()));
      long since = lineage.get(region);
      if (since < 0) {
        PageBitmap all = new PageBitmap(store.pages());
        all.setAll();
        changed.add(all);
      } else {
        changed.add(store.changedSince(since));
      }
    }
    return changed;
  }

  private List<PageBitmap> collect() throws IOException {
    if (collector == null) {
      collector = plane.collector();
    }
    return DirtyPages.collect(collector, plane.stores().all());
  }

  /**
   * The descriptor of the mounted file is held only while a migration lasts (see {@link
   * Collector}).
   */
  private synchronized void endCollecting() {
    if (collector != null) {
      collector.close();
      collector = null;
    }
  }

  private Event saveState() throws IOException {
    long stoppedAt = System.currentTimeMillis() * 1_000_000L;
    StateBuffer.Sink sink = new StateBuffer.Sink();
    plane.machine().saveState(sink);
    return new Event.StateSaved(sink.content(), stoppedAt);
  }

  private List<byte[]> drain() throws IOException {
    HeldFrames held = plane.claim().tap().drain(Bounds.FRAMES_MAX, Bounds.FRAMES_BYTES_MAX);
    return held.frames();
  }

  private Event reclaim(Step step) throws IOException {
    Optional<Reachability> reachability = plane.reachability();
    if (reachability.isPresent()) {
      reachability.get().rollback();
    }
    return new Event.Done(step);
  }

  private interface Change {
    void apply(Reachability reachability) throws IOException;
  }

  private Event reachability(Step step, Change change) throws IOException {
    Optional<Reachability> reachability = plane.reachability();
    if (reachability.isPresent()) {
      change.apply(reachability.get());
    }
    return new Event.Done(step);
  }

  /** The copy stays as lineage: complete through the epoch that this host ran. */
  private void release() throws IOException, InterruptedException {
    long granted = authority.authority().epoch();
    plane.killMachine();
    for (LocalStore store : plane.stores().all()) {
      store.sealLineage(granted - 1);
    }
    kept.delete();
    plane.close();
  }

  @Override
  public void store(Message pages, boolean onlyAbsent, boolean warm) {
    throw new IllegalStateException("a source receives no pages");
  }

  @Override
  public void read(Effect.SendExtent extent, ExtentReader reader, ExtentReader.Target target)
      throws IOException {
    reader.read(plane.stores().get(extent.region()), extent, target);
  }

  @Override
  public void inject(List<byte[]> frames) throws IOException {
    plane.claim().tap().inject(new HeldFrames(frames, false));
  }

  @Override
  public void notice(Effect.Notice notice) {
    notices.accept(notice);
  }

  @Override
  public void finished(Effect.Finished finished) {
    ends.accept(finished);
  }
}
