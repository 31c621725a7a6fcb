package dev.architekt.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.Fd;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FuseMountTest {
  private static final int PAGE = Region.PAGE_SIZE;
  private static final int MIB = 1 << 20;

  /**
   * One reader: whatever waits on it stops everything, so a test with it shows what does not wait
   * there.
   */
  private static final MountOptions ONE_READER =
      MountOptions.defaults().withReaders(1).withName("test");

  @BeforeEach
  void requirements() {
    Requires.fuse();
  }

  @Test
  void theFileHasTheRegionsSizeAndBytes() throws Exception {
    FakeRegion region = FakeRegion.patterned(3 * MIB + 100);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount)) {
      assertThat(user.ask("size")).isEqualTo(Integer.toString(3 * MIB + 100));
      assertThat(user.ask("read 0 12288")).isEqualTo("01080f");
      user.ask("map");
      for (long page : List.of(0L, 5L, 300L, 768L)) {
        assertThat(user.ask("get " + page * PAGE))
            .isEqualTo(Byte.toString(FakeRegion.pattern(page)));
      }
      assertThat(user.ask("truncate 4096")).startsWith("failed");
      assertThat(user.ask("size")).isEqualTo(Integer.toString(3 * MIB + 100));
    }
  }

  @Test
  void aReadOfSeveralPagesFailsAtOnceAndComesAgainPageByPage() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    region.lose(5);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount)) {
      CompletableFuture<String> answer = user.askLater("read 0 32768");
      BitSet five = new BitSet();
      five.set(5);
      await(() -> mount.parkedReads() == 1 && region.awaited().equals(five));
      assertThat(region.refusals.get()).isGreaterThanOrEqualTo(2);
      assertThat(answer).isNotDone();
      region.arrive(5);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("01080f161d242b32");
    }
  }

  @Test
  void whileAPageIsAwaitedTheOnlyReaderServesEverythingElse() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    region.lose(5);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child waiting = Child.using(mount);
        Child busy = Child.using(mount)) {
      waiting.ask("map");
      CompletableFuture<String> answer = waiting.askLater("get " + 5 * PAGE);
      await(() -> mount.parkedReads() == 1);
      assertThat(busy.ask("write 40960 9")).isEqualTo("written");
      assertThat(busy.ask("fsync")).isEqualTo("synced");
      assertThat(busy.ask("read 2097152 4096")).isEqualTo("01");
      assertThat(region.get(40960)).isEqualTo((byte) 9);
      assertThat(answer).isNotDone();
      region.arrive(5);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(Byte.toString(FakeRegion.pattern(5)));
    }
  }

  @Test
  void aReadPastThePageCacheWaitsWhateverItsSize() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    region.lose(2);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount);
        Fd file = mount.openFile()) {
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.number();
      CompletableFuture<String> answer = user.askLater("direct " + path + " 32768");
      await(() -> mount.parkedReads() == 1);
      region.arrive(2);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("01080f161d242b32");
    }
  }

  @Test
  void collectDeliversExactlyThePagesThatWereDirtied() throws Exception {
    FakeRegion region = FakeRegion.patterned(16 * MIB);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount);
        Collector collector = mount.collector()) {
      user.ask("map");
      BitSet dirtied = new BitSet();
      for (int i = 0; i < 400; i++) {
        int page = (i * 37) % 4096;
        dirtied.set(page);
        user.ask("put " + (page * (long) PAGE + i) + " " + (i & 0x7f));
      }
      region.takeWritten();
      collector.collect();
      BitSet arrived = region.takeWritten();
      // What the kernel wrote back by itself before is not in the second set; nothing else may be.
      arrived.andNot(dirtied);
      assertThat(arrived.isEmpty()).isTrue();
      for (int i = 0; i < 400; i++) {
        assertThat(region.get((i * 37) % 4096 * (long) PAGE + i)).isEqualTo((byte) (i & 0x7f));
      }
      assertThat(region.flushes.get()).isZero();
      collector.collect();
      assertThat(region.takeWritten().isEmpty()).isTrue();
      user.ask("put 0 3");
      collector.flush();
      assertThat(region.get(0)).isEqualTo((byte) 3);
      assertThat(region.flushes.get()).isEqualTo(1);
    }
  }

  @Test
  void aUsersFsyncIsDurableAndDoesNotHoldUpWrites() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    region.flushGate = new CountDownLatch(1);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child syncing = Child.using(mount);
        Child writing = Child.using(mount)) {
      syncing.ask("write 0 5");
      CompletableFuture<String> synced = syncing.askLater("fsync");
      await(() -> region.get(0) == 5);
      writing.ask("map");
      writing.ask("put 8192 6");
      // Write-back without fsync, whose lock in the kernel the other one has.
      mount.invalidate(8192, PAGE);
      assertThat(region.get(8192)).isEqualTo((byte) 6);
      assertThat(synced).isNotDone();
      region.flushGate.countDown();
      assertThat(synced.get(10, TimeUnit.SECONDS)).isEqualTo("synced");
      assertThat(region.flushes.get()).isEqualTo(1);
    }
  }

  @Test
  void whatIsStoredBeforeTheRunNeedsNoRequestAndSealingForbidsIt() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    for (int page = 0; page < 1024; page++) {
      region.lose(page);
    }
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount);
        Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(3 * MIB, PAGE);
      data.fill((byte) 0x55);
      mount.store(PAGE, data);
      user.ask("map");
      assertThat(user.ask("get 4096")).isEqualTo("85");
      assertThat(user.ask("get " + 3 * MIB)).isEqualTo("85");
      assertThat(user.ask("read 4096 8192")).isEqualTo("5555");
      assertThat(region.awaited().isEmpty()).isTrue();
      mount.seal();
      assertThatThrownBy(() -> mount.store(0, data)).isInstanceOf(IllegalStateException.class);
      for (int page = 0; page < 1024; page++) {
        region.arrive(page);
      }
    }
  }

  @Test
  void invalidationMakesTheNextTouchReadAgain() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    try (FuseMount mount = FuseMount.create(region, ONE_READER);
        Child user = Child.using(mount)) {
      user.ask("map");
      assertThat(user.ask("get 8192")).isEqualTo("15");
      region.set(2, (byte) 99);
      assertThat(user.ask("get 8192")).isEqualTo("15");
      mount.invalidate(8192, PAGE);
      assertThat(user.ask("get 8192")).isEqualTo("99");
    }
  }

  @Test
  void aBrokenRegionIsAnIoErrorAndIsReported() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    List<String> failures = new ArrayList<>();
    MountTrouble trouble =
        (operation, _, _, _) -> {
          synchronized (failures) {
            failures.add(operation);
          }
        };
    try (FuseMount mount = FuseMount.create(region, ONE_READER.withTrouble(trouble));
        Child user = Child.using(mount)) {
      region.failing = true;
      assertThat(user.ask("read 0 4096")).startsWith("failed");
      user.ask("write 0 1");
      assertThat(user.ask("fsync")).startsWith("failed");
      synchronized (failures) {
        assertThat(failures).contains("READ", "WRITE");
      }
      region.failing = false;
      assertThat(user.ask("read 4096 4096")).isEqualTo("08");
    }
  }

  @Test
  void closingLeavesNoConnectionAndNoThread() throws Exception {
    FakeRegion region = FakeRegion.patterned(MIB);
    int id;
    try (FuseMount mount = FuseMount.create(region, ONE_READER.withName("gone").withReaders(4))) {
      id = mount.connectionId();
      assertThat(FuseConnections.exists(id)).isTrue();
      assertThat(threads("fuse-gone-")).isGreaterThanOrEqualTo(5);
    }
    await(() -> threads("fuse-gone-") == 0);
    assertThat(FuseConnections.exists(id)).isFalse();
  }

  @Test
  void anAttachedMountIsSeenAtItsPathUntilItIsDetached(@TempDir Path directory) throws Exception {
    FakeRegion region = FakeRegion.patterned(MIB);
    Path path = directory.resolve("ram");
    try (FuseMount mount = FuseMount.create(region, ONE_READER)) {
      assertThat(mountTable()).doesNotContain(path.toString());
      mount.attach(path);
      assertThat(mountTable()).contains(path.toString());
      assertThat(Files.size(path)).isEqualTo(MIB);
      assertThat(Files.readAllBytes(path)[PAGE]).isEqualTo(FakeRegion.pattern(1));
    }
    assertThat(mountTable()).doesNotContain(path.toString());
    assertThat(Files.size(path)).isZero();
  }

  @Test
  void anotherServerGoesOnWhereOneWasReleased() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    region.lose(3);
    FuseMount first = FuseMount.create(region, ONE_READER);
    try (Child user = Child.using(first);
        Fd kept = first.device().duplicate();
        Fd file = first.openFile()) {
      user.ask("map");
      user.ask("put 0 77");
      CompletableFuture<String> answer = user.askLater("get " + 3 * PAGE);
      await(() -> first.parkedReads() == 1);
      first.release();
      assertThat(FuseConnections.exists(first.connectionId())).isTrue();
      try (FuseMount second =
          FuseMount.adopt(kept.duplicate(), file::duplicate, region, ONE_READER)) {
        assertThat(second.connectionId()).isEqualTo(first.connectionId());
        await(() -> second.parkedReads() == 1);
        assertThatThrownBy(() -> second.store(0, MemorySegment.NULL))
            .isInstanceOf(IllegalStateException.class);
        region.arrive(3);
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("22");
        second.collect();
        assertThat(region.get(0)).isEqualTo((byte) 77);
        file.close();
        kept.close();
        user.close();
      }
    }
    assertThat(FuseConnections.exists(first.connectionId())).isFalse();
  }

  @Test
  void aHungUserIsFreedByAnAbortThatNamesItsHolder() throws Exception {
    FakeRegion region = FakeRegion.patterned(4 * MIB);
    FuseMount mount = FuseMount.create(region, ONE_READER);
    try (Child user = Child.using(mount);
        Child stranger = Child.start(MountUser.class, "/dev/null")) {
      Fd kept = mount.device().duplicate();
      user.ask("map");
      user.ask("put 0 1");
      mount.release();
      user.kill();
      assertThat(user.awaitEnd(1)).as("ends while nobody serves").isFalse();
      int id = mount.connectionId();
      assertThat(FuseConnections.abort(id, stranger.pid())).isFalse();
      assertThat(FuseConnections.abort(id + 100_000, user.pid())).isFalse();
      assertThat(FuseConnections.abort(id, user.pid())).isTrue();
      assertThat(user.awaitEnd(10)).isTrue();
      kept.close();
      await(() -> !exists(id));
    }
  }

  private static boolean exists(int connection) {
    try {
      return FuseConnections.exists(connection);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(prefix))
        .count();
  }

  private static String mountTable() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
