package dev.architekt.node.engine;

import dev.architekt.hypervisor.MachineState;
import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.Bitmaps;
import dev.architekt.migration.core.Effect;
import dev.architekt.migration.core.Event;
import dev.architekt.migration.core.Step;
import dev.architekt.migration.message.Account;
import dev.architekt.migration.message.Bounds;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.PageSet;
import dev.architekt.migration.message.Reason;
import dev.architekt.migration.wire.BasePages;
import dev.architekt.network.HeldFrames;
import dev.architekt.network.Reachability;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Stores;
import dev.architekt.region.LocalStore;
import dev.architekt.region.PageBitmap;
import dev.architekt.region.PageRun;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the destination of a migration does to its host. */
public final class DestinationActions implements Actions {
  /** Judges a description and makes what it describes; a {@link Refused} says why not. */
  @FunctionalInterface
  public interface Preparation {
    DataPlane prepare(Message.Description description) throws Exception;
  }

  /** What happens to whom, for reports. */
  public interface Watcher {
    void notice(Effect.Notice notice);

    /** The guest runs here; nanoseconds of {@link System#nanoTime}. */
    void resumed(long atNanos);

    void finished(Effect.Finished finished);

    /** How the copying goes, as the source says. */
    void told(Account account);
  }

  /** When a guest that has just arrived is asked for its time. */
  private static final Duration CALM = Duration.ofSeconds(1);

  /**
   * How long after its resume a guest and its clients have the processors to themselves: its code
   * has to be translated or its pages mapped again, while ending the move can wait.
   */
  private static final Duration WARM_UP = Duration.ofMillis(400);

  private final AuthorityFile authority;
  private final Preparation preparation;
  private final Watcher watcher;
  private final Consumer<Event> core;
  private volatile DataPlane plane;
  private volatile long epoch;
  private volatile boolean resumeAsked;
  private volatile long resumedAt = System.nanoTime();
  private boolean sealed;
  private boolean withdrawn;

  /**
   * @param adopted the data plane of a destination that was started again; null before {@link
   *     Step#PREPARE}
   * @param core where events go that no step answers: pages that somebody waits for
   */
  public DestinationActions(
      AuthorityFile authority,
      Preparation preparation,
      Watcher watcher,
      DataPlane adopted,
      Consumer<Event> core)
      throws IOException {
    this.authority = authority;
    this.preparation = preparation;
    this.watcher = watcher;
    this.core = core;
    resumeAsked = adopted != null; // by this process's predecessor, perhaps
    if (adopted != null) {
      epoch = Math.max(0, authority.authority().epoch() - 1);
      attach(adopted);
      sealed = true;
    }
  }

  /** Whether a guest that was let run here has lost its hypervisor's process. */
  public boolean machineLost() {
    DataPlane here = plane;
    return resumeAsked
        && here != null
        && here.machine() != null
        && here.machine().state() == MachineState.DEAD;
  }

  /** The data plane; null before {@link Step#PREPARE} is done. */
  public DataPlane plane() {
    return plane;
  }

  /** A link is up before there is a plane; what comes on it comes later. */
  @Override
  public BasePages base() {
    return new BasePages() {
      @Override
      public long count() throws IOException {
        return here().count();
      }

      @Override
      public long find(MemorySegment page) throws IOException {
        return here().find(page);
      }

      @Override
      public void read(long first, MemorySegment target) throws IOException {
        here().read(first, target);
      }

      private BasePages here() {
        DataPlane made = plane;
        return made == null ? BasePages.NONE : made.base();
      }
    };
  }

  private void attach(DataPlane made) {
    plane = made;
    List<LocalStore> stores = made.stores().all();
    for (int i = 0; i < stores.size(); i++) {
      int region = i;
      stores
          .get(i)
          .fetcher((first, count) -> {
            for (long done = 0; done < count; done += Bounds.DATA_PAGES_MAX) {
              int pages = (int) Math.min(Bounds.DATA_PAGES_MAX, count - done);
              core.accept(new Event.Wanted(region, first + done, pages));
            }
          });
    }
  }

  @Override
  public Event take(Step step, Effect effect) throws Exception {
    switch (step) {
      case JOURNAL -> authority.write(((Effect.Journal) effect).entry());
      case PERSIST -> {
        Authority record = ((Effect.Persist) effect).authority();
        authority.write(record);
        return new Event.Persisted(record);
      }
      case PREPARE -> {
        return prepare(((Effect.Prepare) effect).description());
      }
      case FORGET -> {
        // A reader of what is forgotten now would wait until it comes again.
        plane.endWarming();
        forget(((Effect.Forget) effect).stale());
      }
      case LOAD -> load(((Effect.Load) effect).device());
      case ANNOUNCE_ADDRESS -> {
        plane.awaitWarm();
        Rehearsal.await();
        if (withdrawn) {
          // Another attempt: withdrawing it has removed what was prepared.
          plane.prepareAddress();
          withdrawn = false;
        }
        change(Reachability::announce);
      }
      case WITHDRAW_ADDRESS -> {
        change(Reachability::release);
        withdrawn = true;
      }
      case RESET_MACHINE -> resetMachine();
      case DISCARD -> discard();
      case RESUME -> {
        return resume();
      }
      case AFTER_RESUME -> Guest.afterResume(plane);
      case STEP_CLOCK -> Thread.ofPlatform().daemon().name("step-clock").start(this::stepClock);
      case FLUSH_REGIONS -> {
        Thread.sleep(Math.max(0, WARM_UP.toMillis() - (System.nanoTime() - resumedAt) / 1_000_000));
        plane.flush();
      }
      case TRACK,
          COLLECT,
          CEDE_ADDRESS,
          RECLAIM_ADDRESS,
          BEFORE_SUSPEND,
          PAUSE,
          SAVE_STATE,
          KEEP_STATE,
          DRAIN_TAP,
          RELEASE,
          SEND,
          STORE ->
          throw new IllegalStateException("not a step of a destination: " + step);
    }
    return new Event.Done(step);
  }

  private Event prepare(Message.Description description) throws Exception {
    epoch = description.epoch();
    attach(preparation.prepare(description));
    // The lineage holds until the guest runs here: what arrives meanwhile is newer than it, and in
    // every list of what changed since. So a move that is called off leaves it whole.
    return new Event.Prepared(plane.stores().lineage());
  }

  private void forget(List<PageSet> stale) throws IOException {
    for (PageSet set : stale) {
      LocalStore store = plane.stores().get(set.region());
      PageBitmap pages = new PageBitmap(store.pages());
      Bitmaps.add(set, pages);
      store.forget(pages);
      if (set.region() == 0) {
        for (PageRun run : pages.runs()) {
          plane
              .mount()
              .invalidate(run.first() * Bounds.PAGE_BYTES, run.count() * Bounds.PAGE_BYTES);
        }
      }
    }
  }

  /**
   * From here on the machine writes RAM itself: nothing is put into the page cache past it any
   * more.
   */
  private void load(MemorySegment device) throws IOException {
    if (!sealed) {
      plane.mount().seal();
      sealed = true;
    }
    plane.machine().loadState(StateBuffer.source(device));
  }

  private void resetMachine() throws IOException, InterruptedException {
    plane.restartIncoming();
    sealed = false;
  }

  private void discard() throws IOException {
    DataPlane gone = plane;
    if (gone != null) {
      change(Reachability::release);
      gone.close();
      plane = null;
    }
  }

  private Event resume() throws IOException {
    if (!resumeAsked && plane.machine().state() == MachineState.DEAD) {
      // It has certainly never run here: what was accepted can still be declined.
      throw new Refused(
          Reason.LOAD_FAILED, "the hypervisor's process ended before the guest ran here");
    }
    resumeAsked = true;
    for (LocalStore store : plane.stores().all()) {
      store.breakLineage();
      store.generation(epoch + 1);
    }
    plane.machine().resume();
    long at = System.nanoTime();
    resumedAt = at;
    watcher.resumed(at);
    return new Event.Resumed(System.nanoTime() - at);
  }

  /**
   * A guest that has just arrived has clients to answer first, and is too slow to ask. The core
   * need not wait, and may be done before.
   */
  private void stepClock() {
    DataPlane here = plane;
    try {
      Thread.sleep(CALM);
      Guest.stepClock(here);
    } catch (IOException e) {
      watcher.notice(new Effect.Notice(Reason.HYPERVISOR, "the guest's clock: " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Change {
    void apply(Reachability reachability) throws IOException;
  }

  private void change(Change change) throws IOException {
    Optional<Reachability> reachability = plane == null ? Optional.empty() : plane.reachability();
    if (reachability.isPresent()) {
      change.apply(reachability.get());
    }
  }

  @Override
  public void store(Message message, boolean onlyAbsent, boolean warm) throws IOException {
    switch (message) {
      case Message.Pages pages -> storePages(pages, onlyAbsent, warm);
      case Message.Zeroes zeroes -> {
        LocalStore store = plane.stores().get(zeroes.region());
        if (onlyAbsent) {
          store.fillZero(zeroes.firstPage(), zeroes.pages(), epoch);
        } else {
          store.receiveZero(zeroes.firstPage(), zeroes.pages(), epoch);
          if (warm && zeroes.region() == 0) {
            plane
                .mount()
                .storeZeroes(
                    zeroes.firstPage() * Bounds.PAGE_BYTES,
                    (long) zeroes.pages() * Bounds.PAGE_BYTES);
          }
        }
      }
      default -> throw new IllegalStateException("not pages: " + message);
    }
  }

  private void storePages(Message.Pages pages, boolean onlyAbsent, boolean warm)
      throws IOException {
    LocalStore store = plane.stores().get(pages.region());
    if (onlyAbsent) {
      store.fill(pages.firstPage(), pages.data(), epoch);
      return;
    }
    store.receive(pages.firstPage(), pages.data(), epoch);
    if (warm && pages.region() == 0) {
      plane.mount().store(pages.firstPage() * Bounds.PAGE_BYTES, pages.data());
    }
  }

  @Override
  public void read(Effect.SendExtent extent, ExtentReader reader, ExtentReader.Target target) {
    throw new IllegalStateException("a destination sends no pages");
  }

  @Override
  public void inject(List<byte[]> frames) throws IOException {
    plane.claim().tap().inject(new HeldFrames(frames, false));
  }

  @Override
  public void notice(Effect.Notice notice) {
    watcher.notice(notice);
  }

  @Override
  public void finished(Effect.Finished finished) {
    watcher.finished(finished);
  }

  @Override
  public void told(Account account) {
    watcher.told(account);
  }

  /** The copies' absent pages, for progress. */
  public long absentPages() {
    DataPlane current = plane;
    Stores stores = current == null ? null : current.stores();
    return stores == null ? 0 : stores.absentPages();
  }
}
