package dev.architekt.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Pidfd;
import dev.architekt.region.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class AdoptionTest {
  private static final int PAGE = Region.PAGE_SIZE;
  private static final int PAGES = 512;
  private static final String SIZE = Integer.toString(PAGES * PAGE);
  private static final int DIRTIED = 100;
  private static final int IN_HAND = 8;
  private static final MountOptions OPTIONS = MountOptions.defaults().withName("successor");

  @TempDir Path directory;

  @BeforeEach
  void requirements() {
    Requires.fuse();
  }

  @Test
  void noWriteInHandIsLostWhenTheServerIsKilled() throws Exception {
    killServersAndGoOn(1);
  }

  @Test
  void noWriteInHandIsLostWhenASuccessorIsKilledInItsTurn() throws Exception {
    killServersAndGoOn(3);
  }

  @Test
  void aDeviceWithoutAConnectionIsRefused() throws IOException {
    FakeRegion region = new FakeRegion(PAGE);
    Fd device = Fd.open("/dev/fuse", Fd.O_RDWR, 0);
    assertThatThrownBy(() -> FuseMount.adopt(device, () -> null, region, OPTIONS))
        .isInstanceOf(MountException.class);
    assertThat(device.isOpen()).isFalse();
  }

  private void killServersAndGoOn(int servers) throws Exception {
    String path = directory.resolve("region").toString();
    try (Child first = Child.start(DoomedServer.class, path, SIZE, "3")) {
      String[] serving = first.line().split(" ");
      try (Pidfd process = Pidfd.open(first.pid());
          Fd device = process.descriptor(Integer.parseInt(serving[1]));
          Fd file = process.descriptor(Integer.parseInt(serving[2]))) {
        assertThat(first.ask("close")).isEqualTo("closed");
        try {
          killServersAndGoOn(servers, path, first, device, file);
        } finally {
          // What this test leaves hanging, if it fails, would hang its JVM as well.
          FuseConnections.abort(FuseConnections.of(device), ProcessHandle.current().pid());
        }
      }
    }
  }

  private void killServersAndGoOn(int servers, String path, Child first, Fd device, Fd file)
      throws Exception {
    byte[] expected = new byte[PAGES];
    String self = Long.toString(ProcessHandle.current().pid());
    String deviceNumber = Integer.toString(device.number());
    String fileNumber = Integer.toString(file.number());
    List<Child> successors = new ArrayList<>();
    try (Child user = Child.start(MountUser.class, "/proc/" + self + "/fd/" + fileNumber)) {
      // Started now: to start a process while this one has the file open writes the file back (exec
      // closes the copy),
      // and waits for a server.
      for (int n = 1; n < servers; n++) {
        successors.add(
            Child.start(DoomedServer.class, path, SIZE, "3", self, deviceNumber, fileNumber));
      }
      for (Child successor : successors) {
        assertThat(successor.line()).isEqualTo("started");
      }
      assertThat(user.line()).isEqualTo("ready");
      user.ask("map");
      for (int i = 0; i < DIRTIED; i++) {
        int page = i * 5 % PAGES;
        expected[page] = (byte) (i + 1);
        assertThat(user.ask("put " + page * PAGE + " " + (i + 1))).isEqualTo("put");
      }
      CompletableFuture<String> synced = user.askLater("fsync");
      dieWithWritesInHand(first);
      for (Child successor : successors) {
        successor.send("adopt");
        dieWithWritesInHand(successor);
      }
      assertThat(synced).isNotDone();

      FileRegion region = new FileRegion(path, PAGES * PAGE, () -> {});
      try (FuseMount mount =
          FuseMount.adopt(device.duplicate(), file::duplicate, region, OPTIONS)) {
        assertThat(synced.get(20, TimeUnit.SECONDS)).isEqualTo("synced");
        assertThat(user.ask("fsync")).isEqualTo("synced");
        byte[] stored = Files.readAllBytes(Path.of(path));
        for (int page = 0; page < PAGES; page++) {
          assertThat(stored[page * PAGE])
              .as("page %d in the store", page)
              .isEqualTo(expected[page]);
        }
        mount.invalidate(0, (long) PAGES * PAGE);
        assertThat(user.ask("read 0 " + PAGES * PAGE))
            .as("what the user sees once the cache is dropped")
            .isEqualTo(HexFormat.of().formatHex(expected));
        user.close();
        file.close();
      }
      region.close();
    } finally {
      successors.forEach(Child::close);
    }
  }

  private static void dieWithWritesInHand(Child server) throws Exception {
    String line = server.line();
    while (!line.equals("holding " + IN_HAND)) {
      line = server.line();
    }
    server.kill();
    assertThat(server.awaitEnd(10)).as("the killed server ends").isTrue();
  }
}
