package dev.architekt.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.message.RegionInfo;
import dev.architekt.region.LocalStore;
import dev.architekt.region.StoreOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched in which order when a package is started. */
class StartPagesTest {
  private static final int PAGES = 200;
  private static final List<RegionInfo> REGIONS =
      List.of(
          new RegionInfo("memory", RegionInfo.Kind.MEMORY, PAGES),
          new RegionInfo("disk", RegionInfo.Kind.DISK, PAGES));

  private final List<LocalStore> stores = new ArrayList<>();

  @BeforeEach
  void createStores(@TempDir Path folder) throws IOException {
    for (RegionInfo region : REGIONS) {
      stores.add(
          LocalStore.create(
              folder.resolve(region.name()),
              "instance",
              PAGES * 4096L,
              LocalStore.Start.ABSENT,
              StoreOptions.failing()));
    }
  }

  @AfterEach
  void closeStores() throws IOException {
    for (LocalStore store : stores) {
      store.close();
    }
  }

  private static TouchTrace trace(String... lines) throws IOException {
    String text = "architekt-trace 1\n" + String.join("\n", lines) + "\n";
    return TouchTrace.parse(text.getBytes(StandardCharsets.UTF_8), REGIONS);
  }

  private List<Message.Demand> all(TouchTrace trace, boolean wholeChunks) {
    StartPages plan = new StartPages(stores, trace, wholeChunks);
    List<Message.Demand> demands = new ArrayList<>();
    for (Message.Demand next = plan.next(64); next != null; next = plan.next(64)) {
      demands.add(next);
    }
    return demands;
  }

  @Test
  void whatWasTouchedGoesFirstByChunksAndEveryPageOnce() throws IOException {
    List<Message.Demand> demands =
        all(trace("disk 130 2", "memory 70 1", "disk 190 1", "memory 3 1", "disk 131 5"), false);
    assertThat(demands.subList(0, 4))
        .containsExactly(
            new Message.Demand(1, 130, 6),
            new Message.Demand(1, 190, 1),
            new Message.Demand(0, 70, 1),
            new Message.Demand(0, 3, 1));
    requireEachOnce(demands);
  }

  @Test
  void aRunMayCoverSeveralChunks() throws IOException {
    List<Message.Demand> demands = all(trace("memory 60 140"), false);
    assertThat(demands.subList(0, 4))
        .containsExactly(
            new Message.Demand(0, 60, 4),
            new Message.Demand(0, 64, 64),
            new Message.Demand(0, 128, 64),
            new Message.Demand(0, 192, 8));
    requireEachOnce(demands);
  }

  @Test
  void wholeChunksGoWhereOnlyWholeOnesTravel() throws IOException {
    List<Message.Demand> demands = all(trace("disk 195 1", "memory 64 1"), true);
    assertThat(demands.subList(0, 2))
        .containsExactly(new Message.Demand(1, 192, 8), new Message.Demand(0, 64, 64));
    requireEachOnce(demands);
  }

  @Test
  void whatIsHereAlreadyIsNotNamed() throws IOException {
    stores.get(0).fill(10, Arena.ofAuto().allocate(4 * 4096), 0);
    List<Message.Demand> demands = all(trace("memory 8 4", "memory 11 3"), false);
    assertThat(demands.getFirst()).isEqualTo(new Message.Demand(0, 8, 2));
    assertThat(demands).doesNotContain(new Message.Demand(0, 10, 1));
    assertThat(demands.stream().mapToInt(Message.Demand::pages).sum()).isEqualTo(2 * PAGES - 4);
  }

  private static void requireEachOnce(List<Message.Demand> demands) {
    Set<List<Long>> seen = new HashSet<>();
    for (Message.Demand demand : demands) {
      for (long page = demand.firstPage(); page < demand.firstPage() + demand.pages(); page++) {
        assertThat(seen.add(List.of((long) demand.region(), page))).as(demand.toString()).isTrue();
      }
    }
    assertThat(seen).hasSize(2 * PAGES);
  }

  @Test
  void aTraceIsReadAsItWasWritten() throws IOException {
    TouchTrace recorded = new TouchTrace();
    recorded.touched(0, 7, 1);
    recorded.touched(0, 8, 2);
    recorded.touched(1, 10, 1);
    byte[] text = recorded.encode(List.of("memory", "disk"));
    assertThat(new String(text, StandardCharsets.UTF_8))
        .isEqualTo("architekt-trace 1\nmemory 7 3\ndisk 10 1\n");
    TouchTrace read = TouchTrace.parse(text, REGIONS);
    assertThat(read.runs()).isEqualTo(recorded.runs());
    assertThat(read.pages()).isEqualTo(4);
  }

  @Test
  void aTraceThatCannotBeIsRefusedWithItsLine() {
    assertThatThrownBy(() -> trace("memory 199 2")).hasMessageContaining("line 2");
    assertThatThrownBy(() -> trace("memory 1 1", "memory -1 1")).hasMessageContaining("line 3");
    assertThatThrownBy(() -> trace("memory 9999999999 999999999")).hasMessageContaining("200");
    assertThatThrownBy(() -> trace("memory 1")).hasMessageContaining("expected a region");
    byte[] other = "something else".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> TouchTrace.parse(other, REGIONS)).hasMessageContaining("expected");
    byte[] huge = new byte[TouchTrace.TEXT_MAX + 1];
    assertThatThrownBy(() -> TouchTrace.parse(huge, REGIONS)).hasMessageContaining("at most");
  }

  @Test
  void aRecordingIsBounded() {
    TouchTrace trace = new TouchTrace();
    for (int i = 0; i < TouchTrace.RUNS_MAX + 10; i++) {
      trace.touched(0, 2L * i, 1);
    }
    assertThat(trace.runs()).hasSize(TouchTrace.RUNS_MAX);
  }
}
