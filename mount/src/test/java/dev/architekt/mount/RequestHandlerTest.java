package dev.architekt.mount;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.linux.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests as bytes, without a kernel: what is cut off or makes no sense harms nobody. */
class RequestHandlerTest {
  private static final long SIZE = 1 << 20;

  private final FakeRegion region = FakeRegion.patterned(SIZE);
  private final AtomicInteger troubles = new AtomicInteger();
  private final List<byte[]> answers = new ArrayList<>();
  private byte[] next = new byte[0];

  private final Channel channel =
      new Channel() {
        @Override
        public long receive(MemorySegment target) {
          target.asSlice(0, next.length).copyFrom(MemorySegment.ofArray(next));
          return next.length;
        }

        @Override
        public long send(MemorySegment message) {
          synchronized (answers) {
            answers.add(message.toArray(JAVA_BYTE));
          }
          return message.byteSize();
        }
      };

  private final MountOptions options =
      MountOptions.defaults().withTrouble((_, _, _, _) -> troubles.incrementAndGet());
  private final Arena arena = Arena.ofShared();
  private final Exchange exchange = new Exchange(channel, arena);
  private final ParkedReads parked = new ParkedReads(channel, region, options);
  private final SlowRequests slow =
      new SlowRequests(new Exchange(channel, arena, 4096), region, options);
  private final RequestHandler handler =
      new RequestHandler(region, options, parked, slow, new CollectorThreads());

  @AfterEach
  void end() {
    slow.close();
    parked.close();
    arena.close();
  }

  @Test
  void aRequestThatIsCutOffInItsHeaderIsReportedAndNotAnswered() {
    handle(new byte[] {40, 0, 0, 0, 15});
    assertThat(answers).isEmpty();
    assertThat(troubles.get()).isEqualTo(1);
  }

  @Test
  void aRequestWhoseLengthIsNotWhatCameIsNotAnswered() {
    byte[] request = request(Protocol.READ, 40);
    ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).putInt(0, 4000);
    handle(request);
    assertThat(answers).isEmpty();
    assertThat(troubles.get()).isEqualTo(1);
  }

  @Test
  void bodiesThatAreTooShortAreRefused() {
    for (int operation :
        new int[] {Protocol.READ, Protocol.WRITE, Protocol.SETATTR, Protocol.FALLOCATE}) {
      answers.clear();
      handle(request(operation, 8));
      assertThat(errno()).as("operation %d", operation).isEqualTo(Errno.EINVAL);
    }
  }

  @Test
  void aWriteThatClaimsMoreThanItBringsIsRefused() {
    handle(transfer(Protocol.WRITE, 0, 8192, 4096));
    assertThat(errno()).isEqualTo(Errno.EINVAL);
    assertThat(region.writes.get()).isZero();
  }

  @Test
  void transfersOutsideTheRegionTouchNothing() {
    handle(transfer(Protocol.WRITE, SIZE - 4096, 8192, 8192));
    assertThat(errno()).isNotZero();
    handle(transfer(Protocol.WRITE, -4096, 4096, 4096));
    assertThat(errno()).isEqualTo(Errno.EINVAL);
    handle(transfer(Protocol.READ, 0, Integer.MAX_VALUE, 0));
    assertThat(errno()).isEqualTo(Errno.EINVAL);
    handle(transfer(Protocol.READ, Long.MAX_VALUE - 10, 4096, 0));
    assertThat(errno()).isZero();
    assertThat(region.writes.get()).isZero();
  }

  @Test
  void aReadBeyondTheEndIsNeverShort() {
    handle(transfer(Protocol.READ, SIZE - 4096, 12288, 0));
    byte[] answer = answers.getLast();
    assertThat(answer).hasSize(Protocol.OUT_SIZE + 12288);
    assertThat(answer[16]).isEqualTo(FakeRegion.pattern(255));
    assertThat(answer[16 + 4096]).isZero();
  }

  @Test
  void aReadOfSeveralPagesNeverWaitsAndNeverComesShort() {
    region.lose(3);
    handle(transfer(Protocol.READ, 0, 65536, 0));
    assertThat(errno()).isEqualTo(Errno.EIO);
    assertThat(answers.getLast()).hasSize(Protocol.OUT_SIZE);
    assertThat(troubles.get()).isZero();
  }

  @Test
  void theMarkOfAResentRequestIsInItsAnswer() {
    byte[] request = transfer(Protocol.WRITE, 0, 4096, 4096);
    long marked = 1L << 63 | 42;
    ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).putLong(8, marked);
    handle(request);
    handle(request);
    assertThat(answers).hasSize(2);
    for (byte[] answer : answers) {
      assertThat(MemorySegment.ofArray(answer).get(JAVA_LONG_UNALIGNED, 8)).isEqualTo(marked);
      assertThat(MemorySegment.ofArray(answer).get(JAVA_INT_UNALIGNED, 16)).isEqualTo(4096);
    }
  }

  @Test
  void operationsOfOtherFileSystemsAreNotImplemented() {
    for (int operation : new int[] {1, 9, 22, 36, 39, 46, 47, 51, 4096, -1}) {
      handle(request(operation, 40));
      assertThat(errno()).as("operation %d", operation).isEqualTo(Errno.ENOSYS);
    }
  }

  @Test
  void forgettingIsNotAnswered() {
    handle(request(Protocol.FORGET, 8));
    handle(request(Protocol.BATCH_FORGET, 8));
    assertThat(answers).isEmpty();
  }

  @Test
  void garbageIsAnsweredAtMostOnceAndNeverThrows() {
    Random random = new Random(20261123);
    for (int i = 0; i < 20_000; i++) {
      byte[] request = new byte[random.nextInt(0, 4300)];
      random.nextBytes(request);
      ByteBuffer view = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
      if (request.length >= Protocol.IN_SIZE && random.nextInt(8) != 0) {
        view.putInt(0, request.length);
        int operation = random.nextInt(1, 53);
        // FSYNC and FALLOCATE are answered by another thread, later.
        boolean later = operation == Protocol.FSYNC || operation == Protocol.FALLOCATE;
        view.putInt(4, later ? Protocol.READ : operation);
      }
      if (request.length >= Protocol.TRANSFER_IN_SIZE && random.nextBoolean()) {
        view.putLong(Protocol.TRANSFER_OFFSET, random.nextLong(-4096, 2 * SIZE));
        view.putInt(Protocol.TRANSFER_SIZE, random.nextInt(-10, 10_000));
      }
      synchronized (answers) {
        answers.clear();
      }
      handle(request);
      synchronized (answers) {
        assertThat(answers.size()).as("request %d", i).isLessThanOrEqualTo(1);
      }
    }
  }

  private void handle(byte[] request) {
    next = request;
    handler.handle(exchange, exchange.receive());
  }

  private int errno() {
    return -MemorySegment.ofArray(answers.getLast()).get(JAVA_INT_UNALIGNED, Protocol.OUT_ERROR);
  }

  private static byte[] request(int operation, int body) {
    byte[] request = new byte[Protocol.IN_SIZE + body];
    ByteBuffer.wrap(request)
        .order(ByteOrder.nativeOrder())
        .putInt(request.length)
        .putInt(operation)
        .putLong(7);
    return request;
  }

  private static byte[] transfer(int operation, long offset, int size, int data) {
    byte[] request = request(operation, 40 + data);
    ByteBuffer view = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
    view.putLong(Protocol.TRANSFER_OFFSET, offset);
    view.putInt(Protocol.TRANSFER_SIZE, size);
    return request;
  }
}
