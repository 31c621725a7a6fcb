package dev.architekt.nbd;

import static dev.architekt.nbd.Protocol.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.Fd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.region.DelayedRegion;
import dev.architekt.region.FaultyRegion;
import dev.architekt.region.LocalStore;
import dev.architekt.region.MemoryRegion;
import dev.architekt.region.Region;
import dev.architekt.region.StoreFullException;
import dev.architekt.region.StoreOptions;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NbdServerTest {
  private static final int SIZE = 8 << 20;
  private static final byte[] NONE = new byte[0];
  @TempDir Path temp;

  private Path socket() {
    return temp.resolve("nbd.sock");
  }

  private NbdServer serve(Region region, NbdOptions options) throws IOException {
    return NbdServer.serve(UnixSockets.listen(socket(), 8), "disk", region, options);
  }

  private NbdServer serve(Region region) throws IOException {
    return serve(region, NbdOptions.writable());
  }

  private Client connect() throws IOException {
    return new Client(socket()).hello().go("disk");
  }

  @Test
  void writesAreReadBack() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region);
        Client client = connect()) {
      for (int length : new int[] {1, 512, 4096, 70_000, 300_000, 5 << 20}) {
        byte[] bytes = Bytes.random(length, length);
        client.request(CMD_WRITE, length > 4096 ? FLAG_FUA : 0, 1, 12_345, length, bytes);
        assertThat(client.chunk()).matches(c -> c.type() == CHUNK_NONE && c.cookie() == 1);
        client.request(CMD_READ, 0, 2, 12_345, length, NONE);
        Client.Chunk reply = client.chunk();
        assertThat(reply.type()).isEqualTo(CHUNK_OFFSET_DATA);
        assertThat(reply.flags()).isEqualTo(CHUNK_DONE);
        assertThat(reply.data()).isEqualTo(Bytes.join(Bytes.number(12_345L), bytes));
        assertThat(Bytes.read(region, 12_345, length)).isEqualTo(bytes);
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void clientsWithoutStructuredRepliesAreServed() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region);
        Client client = new Client(socket()).hello()) {
      client.option(OPT_EXPORT_NAME, "disk".getBytes());
      assertThat(client.in.readLong()).isEqualTo(SIZE);
      assertThat(client.in.readShort() & (SEND_FLUSH | SEND_TRIM | SEND_DF))
          .isEqualTo(SEND_FLUSH | SEND_TRIM);
      client.request(CMD_WRITE, 0, 9, 0, 5, "hello".getBytes());
      assertThat(client.chunk()).matches(c -> c.flags() == 0 && c.cookie() == 9);
      client.request(CMD_READ, 0, 10, 0, 5, NONE);
      assertThat(client.chunk().flags()).isZero();
      assertThat(client.in.readNBytes(5)).isEqualTo("hello".getBytes());
      client.request(CMD_READ, 0, 11, SIZE, 1, NONE);
      assertThat(client.chunk().flags()).isEqualTo(EINVAL);
      client.request(CMD_BLOCK_STATUS, 0, 12, 0, 1, NONE);
      assertThat(client.chunk().flags()).isEqualTo(EINVAL);
      client.request(CMD_DISC, 0, 13, 0, 0, NONE);
      assertThatThrownBy(client::chunk).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void aReadThatWaitsForItsPageHoldsUpNobody() throws Exception {
    try (LocalStore store = store(LocalStore.Start.ABSENT);
        NbdServer server = serve(store);
        Client client = connect()) {
      client.request(CMD_READ, 0, 1, 0, 4096, NONE);
      client.request(CMD_WRITE, 0, 2, 4096, 4096, Bytes.filled(2, 4096));
      assertThat(client.chunk().cookie()).isEqualTo(2);
      client.request(CMD_READ, 0, 3, 4096, 4096, NONE);
      assertThat(client.chunk().cookie()).isEqualTo(3);
      // A part of an absent page waits too.
      client.request(CMD_WRITE, 0, 4, 8192, 100, Bytes.filled(4, 100));
      client.request(CMD_FLUSH, 0, 5, 0, 0, NONE);
      assertThat(client.chunk().cookie()).isEqualTo(5);
      store.fill(0, Bytes.segment(Bytes.filled(1, 4096)), 0);
      Client.Chunk reply = client.chunk();
      assertThat(reply.cookie()).isEqualTo(1);
      assertThat(reply.data()).endsWith(1, 1, 1, 1).hasSize(4104);
      store.fillZero(2, 1, 0);
      assertThat(client.chunk().cookie()).isEqualTo(4);
    }
  }

  @Test
  void manyRequestsInHandAreBoundedAndAllAnswered() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(new DelayedRegion(region, Duration.ofMillis(5)));
        Client client = connect()) {
      int count = 200;
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  for (int i = 0; i < count; i++) {
                    client.request(CMD_READ, 0, i, 4096L * i, 300_000, NONE);
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      boolean[] seen = new boolean[count];
      for (int i = 0; i < count; i++) {
        seen[(int) client.chunk().cookie()] = true;
      }
      writer.join();
      assertThat(seen).doesNotContain(false);
    }
  }

  @Test
  void zeroesTrimsAndStatus() throws Exception {
    try (LocalStore store = store(LocalStore.Start.PRESENT);
        NbdServer server = serve(store);
        Client client = connect()) {
      client.request(CMD_WRITE, 0, 1, 0, 1 << 20, Bytes.filled(1, 1 << 20));
      client.chunk();
      client.request(CMD_WRITE_ZEROES, FLAG_FAST_ZERO, 2, 4096, 8192, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
      client.request(CMD_TRIM, FLAG_FUA, 3, 65_536, 65_536, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
      client.request(CMD_BLOCK_STATUS, 0, 4, 0, SIZE, NONE);
      assertThat(descriptors(client.chunk()))
          .containsExactly(
              4096,
              0,
              8192,
              3,
              65_536 - 12_288,
              0,
              65_536,
              3,
              (1 << 20) - 131_072,
              0,
              SIZE - (1 << 20),
              3);
      client.request(CMD_BLOCK_STATUS, FLAG_REQ_ONE, 5, 8192, 1 << 20, NONE);
      assertThat(descriptors(client.chunk())).containsExactly(4096, 3);
      client.request(CMD_WRITE_ZEROES, FLAG_NO_HOLE, 6, 65_536, 4096, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
      client.request(CMD_BLOCK_STATUS, FLAG_REQ_ONE, 7, 65_536, 4096, NONE);
      assertThat(descriptors(client.chunk())).containsExactly(4096, 0);
      client.request(CMD_WRITE_ZEROES, FLAG_NO_HOLE | FLAG_FAST_ZERO, 8, 0, 4096, NONE);
      assertThat(error(client.chunk())).isEqualTo(ENOTSUP);
      client.request(CMD_CACHE, 0, 9, 0, 4096, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
    }
  }

  @Test
  void aFullDiskIsToldAsOne() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE)) {
      Region faulty =
          FaultyRegion.from(region, 2, () -> new StoreFullException("the disk is full", null));
      try (NbdServer server = serve(faulty);
          Client client = connect()) {
        client.request(CMD_WRITE, 0, 1, 0, 4096, Bytes.filled(1, 4096));
        assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
        client.request(CMD_WRITE, 0, 2, 0, 4096, Bytes.filled(1, 4096));
        assertThat(error(client.chunk())).isEqualTo(ENOSPC);
      }
    }
  }

  @Test
  void anErrorBelowFailsTheRequestAndNotTheConnection() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE)) {
      Region faulty = FaultyRegion.once(region, 1, () -> new IOException("bad sector"));
      try (NbdServer server = serve(faulty);
          Client client = connect()) {
        client.request(CMD_READ, 0, 1, 0, 4096, NONE);
        Client.Chunk reply = client.chunk();
        assertThat(error(reply)).isEqualTo(EIO);
        assertThat(new String(reply.data(), 6, reply.data().length - 6)).isEqualTo("bad sector");
        client.request(CMD_READ, 0, 2, 0, 4096, NONE);
        assertThat(client.chunk().type()).isEqualTo(CHUNK_OFFSET_DATA);
      }
    }
  }

  @Test
  void wrongRequestsAreRefusedAndTheConnectionGoesOn() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region);
        Client client = connect()) {
      client.request(CMD_READ, 0, 1, SIZE - 1, 2, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_READ, 0, 2, -1, 2, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_READ, 0, 3, Long.MAX_VALUE, 2, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_WRITE, 0, 4, SIZE - 1, 4096, Bytes.filled(1, 4096));
      assertThat(error(client.chunk())).isEqualTo(ENOSPC);
      client.request(CMD_READ, 1 << 15, 5, 0, 2, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(77, 0, 6, 0, 2, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_BLOCK_STATUS, 0, 7, 0, 0, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_TRIM, 0, 8, 4096, -1, NONE);
      assertThat(error(client.chunk())).isEqualTo(EINVAL);
      client.request(CMD_READ, 0, 9, 0, 0, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_NONE);
    }
  }

  @Test
  void aReadOnlyExportRefusesChanges() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region, NbdOptions.forReading());
        Client client = connect()) {
      client.request(CMD_WRITE, 0, 1, 0, 3, new byte[3]);
      assertThat(error(client.chunk())).isEqualTo(EPERM);
      client.request(CMD_TRIM, 0, 2, 0, 3, NONE);
      assertThat(error(client.chunk())).isEqualTo(EPERM);
      client.request(CMD_READ, 0, 3, 0, 3, NONE);
      assertThat(client.chunk().type()).isEqualTo(CHUNK_OFFSET_DATA);
    }
  }

  @Test
  void optionsAreAnsweredOneByOne() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region);
        Client client = new Client(socket()).hello()) {
      client.option(OPT_LIST, NONE);
      assertThat(client.optionReply().data()).isEqualTo(Bytes.text("disk"));
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      client.option(5, NONE); // STARTTLS
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_UNSUP);
      client.option(12345, new byte[100]);
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_UNSUP);
      client.option(OPT_GO, Bytes.join(Bytes.text("other"), new byte[2]));
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_UNKNOWN);
      client.option(OPT_GO, new byte[3]);
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_INVALID);
      client.option(OPT_INFO, Bytes.join(Bytes.number(-1), new byte[6]));
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_INVALID);
      client.option(OPT_SET_META_CONTEXT, Client.context("disk", ALLOCATION));
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_INVALID);
      client.option(OPT_STRUCTURED_REPLY, NONE);
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      client.option(OPT_LIST_META_CONTEXT, Bytes.join(Bytes.text("disk"), Bytes.number(0)));
      assertThat(client.optionReply().type()).isEqualTo(REP_META_CONTEXT);
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      client.option(OPT_SET_META_CONTEXT, Client.context("disk", "qemu:dirty-bitmap:x"));
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      client.option(OPT_INFO, new byte[OPTION_MAX + 1]);
      assertThat(client.optionReply().type()).isEqualTo(REP_ERR_TOO_BIG);
      client.option(OPT_INFO, Bytes.join(Bytes.text("disk"), new byte[] {0, 1, 0, INFO_NAME}));
      byte[] info = client.optionReply().data();
      assertThat(ByteBuffer.wrap(info).getLong(2)).isEqualTo(SIZE);
      ByteBuffer sizes = ByteBuffer.wrap(client.optionReply().data());
      assertThat(new int[] {sizes.getInt(2), sizes.getInt(6), sizes.getInt(10)})
          .containsExactly(1, 4096, 32 << 20);
      assertThat(client.optionReply().data()).endsWith('d', 'i', 's', 'k');
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      client.option(OPT_ABORT, NONE);
      assertThat(client.optionReply().type()).isEqualTo(REP_ACK);
      assertThat(client.in.read()).isEqualTo(-1);
    }
  }

  @Test
  void garbageEndsOneConnectionAndNoOther() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region);
        Client good = connect()) {
      Random random = new Random(5);
      for (int i = 0; i < 300; i++) {
        try (Client bad = new Client(socket())) {
          if (i % 3 > 0) {
            bad.hello();
          }
          if (i % 3 > 1) {
            bad.go("disk");
          }
          byte[] garbage = new byte[random.nextInt(2000)];
          random.nextBytes(garbage);
          bad.out.write(garbage);
          bad.channel.shutdownOutput();
          bad.in.readAllBytes();
        } catch (IOException e) {
          // The server may hang up before all is said.
        }
      }
      // An option, a name and a write that lie about their length.
      for (byte[] lie :
          new byte[][] {
            Bytes.join(Bytes.number(OPTION_MAGIC), Bytes.number(OPT_GO), Bytes.number(-1)),
            Bytes.join(
                Bytes.number(OPTION_MAGIC), Bytes.number(OPT_EXPORT_NAME), Bytes.number(5000000)),
          }) {
        try (Client bad = new Client(socket()).hello()) {
          bad.out.write(lie);
          assertThat(bad.in.read()).isEqualTo(-1);
        }
      }
      try (Client bad = connect()) {
        bad.request(CMD_WRITE, 0, 1, 0, -1, NONE);
        assertThat(bad.in.read()).isEqualTo(-1);
      }
      good.request(CMD_READ, 0, 1, 0, 4096, NONE);
      assertThat(good.chunk().type()).isEqualTo(CHUNK_OFFSET_DATA);
      await(() -> server.connections() == 1);
    }
  }

  @Test
  void aSilentHandshakeIsEnded() throws Exception {
    try (MemoryRegion region = new MemoryRegion(SIZE);
        NbdServer server = serve(region, new NbdOptions(false, 1, 200))) {
      try (Client silent = new Client(socket()).hello();
          Client next = new Client(socket())) {
        assertThat(silent.in.read()).isEqualTo(-1);
        next.hello().go("disk");
      }
    }
  }

  @Test
  void releaseEndsWhatWaitsAndLeavesTheSocketForASuccessor() throws Exception {
    try (LocalStore store = store(LocalStore.Start.ABSENT)) {
      NbdServer first = serve(store);
      Fd listener;
      try (Client client = connect()) {
        Set<Long> waiting = ConcurrentHashMap.newKeySet();
        store.fetcher((page, count) -> waiting.add(page));
        for (int i = 0; i < 40; i++) {
          client.request(CMD_READ, 0, i, 4096L * i, 4096, NONE);
        }
        // As many as it takes at once; the others wait in the socket.
        await(() -> waiting.size() == NbdConnection.IN_HAND);
        listener = first.release();
        // No answer, right or wrong: the client is to ask the successor.
        assertThat(ended(client)).isTrue();
      }
      assertThat(listener.isOpen()).isTrue();
      try (Client early = new Client(socket())) {
        try (NbdServer second = NbdServer.serve(listener, "disk", store, NbdOptions.writable())) {
          early.hello().go("disk");
          store.fillZero(0, 10, 0);
          early.request(CMD_READ, 0, 1, 0, 4096, NONE);
          assertThat(early.chunk().type()).isEqualTo(CHUNK_OFFSET_DATA);
        }
      }
      assertThat(listener.isOpen()).isFalse();
      first.close();
    }
  }

  @Test
  void closingTheStoreUnderneathAnswersNothing() throws Exception {
    LocalStore store = store(LocalStore.Start.ABSENT);
    try (NbdServer server = serve(store);
        Client client = connect()) {
      CountDownLatch waiting = new CountDownLatch(1);
      store.fetcher((page, count) -> waiting.countDown());
      client.request(CMD_READ, 0, 1, 0, 4096, NONE);
      assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
      store.close();
      assertThat(ended(client)).isTrue();
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  /** An end of file, or a reset where the server left requests unread. */
  private static boolean ended(Client client) {
    try {
      return client.in.read() == -1;
    } catch (IOException e) {
      return true;
    }
  }

  private LocalStore store(LocalStore.Start start) throws IOException {
    return LocalStore.create(temp.resolve("store"), "vm", SIZE, start, StoreOptions.failing());
  }

  private static int error(Client.Chunk chunk) {
    assertThat(chunk.type()).isEqualTo(CHUNK_ERROR);
    return ByteBuffer.wrap(chunk.data()).getInt();
  }

  private static int[] descriptors(Client.Chunk chunk) {
    assertThat(chunk.type()).isEqualTo(CHUNK_BLOCK_STATUS);
    ByteBuffer data = ByteBuffer.wrap(chunk.data());
    assertThat(data.getInt()).isEqualTo(ALLOCATION_ID);
    int[] numbers = new int[data.remaining() / 4];
    data.asIntBuffer().get(numbers);
    return numbers;
  }
}
