package dev.architekt.mount;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One thread's buffer for a request and its answer, allocated once. Both share the payload, which
 * starts on a page boundary:
 *
 * <pre>
 *          page boundary − 80     − 16      page boundary
 *   request | header 40 | body 40            | data of a WRITE … |
 *   answer                        | header 16 | body or data …    |
 * </pre>
 *
 * An answer thus overwrites the end of the request's body: whoever answers has read what he needs.
 * Slices of whole pages and of short answers are made beforehand, so that moving pages allocates
 * nothing.
 */
final class Exchange {
  private static final int PAGE = 4096;
  private static final int PAYLOAD = PAGE;
  private static final int REQUEST = PAYLOAD - Protocol.TRANSFER_IN_SIZE;
  private static final int ANSWER = PAYLOAD - Protocol.OUT_SIZE;

  private static final int SHORT_MAX = 128;

  private final Channel channel;
  private final MemorySegment whole;
  private final MemorySegment request;
  private final MemorySegment[] payloads;
  private final MemorySegment[] answers;
  private final MemorySegment[] shortAnswers;

  Exchange(Channel channel, Arena arena) {
    this(channel, arena, Protocol.TRANSFER_MAX);
  }

  /** A buffer for requests and answers with up to {@code payloadMax} bytes behind their headers. */
  Exchange(Channel channel, Arena arena, int payloadMax) {
    this.channel = channel;
    int rounded = Math.max(1, (payloadMax + PAGE - 1) / PAGE) * PAGE;
    whole = arena.allocate((long) PAYLOAD + rounded, PAGE);
    request = whole.asSlice(REQUEST);
    payloads = new MemorySegment[rounded / PAGE + 1];
    answers = new MemorySegment[payloads.length];
    shortAnswers = new MemorySegment[SHORT_MAX / Long.BYTES + 1];
    for (int words = 0; words < shortAnswers.length; words++) {
      shortAnswers[words] = whole.asSlice(ANSWER, Protocol.OUT_SIZE + (long) words * Long.BYTES);
    }
    for (int pages = 0; pages < payloads.length; pages++) {
      payloads[pages] = whole.asSlice(PAYLOAD, (long) pages * PAGE);
      answers[pages] = whole.asSlice(ANSWER, Protocol.OUT_SIZE + (long) pages * PAGE);
    }
  }

  /** Receives the next request: its length, or −errno. */
  long receive() {
    return channel.receive(request);
  }

  /** The 32-bit number {@code at} bytes into the request. */
  int int32(int at) {
    return whole.get(JAVA_INT_UNALIGNED, (long) REQUEST + at);
  }

  /** The 64-bit number {@code at} bytes into the request. */
  long int64(int at) {
    return whole.get(JAVA_LONG_UNALIGNED, (long) REQUEST + at);
  }

  /** What is behind the headers. */
  MemorySegment payload(int length) {
    return length % PAGE == 0 ? payloads[length / PAGE] : whole.asSlice(PAYLOAD, length);
  }

  void putInt32(int at, int value) {
    whole.set(JAVA_INT_UNALIGNED, (long) PAYLOAD + at, value);
  }

  void putInt64(int at, long value) {
    whole.set(JAVA_LONG_UNALIGNED, (long) PAYLOAD + at, value);
  }

  /**
   * Answers request {@code unique} with the first {@code length} bytes of the payload: as {@link
   * Channel#send}.
   */
  long answer(long unique, int length) {
    return send(0, unique, length);
  }

  /** Answers request {@code unique} with an error number (positive): as {@link Channel#send}. */
  long refuse(long unique, int errno) {
    return send(-errno, unique, 0);
  }

  private long send(int error, long unique, int length) {
    whole.set(JAVA_INT_UNALIGNED, ANSWER + Protocol.OUT_LENGTH, Protocol.OUT_SIZE + length);
    whole.set(JAVA_INT_UNALIGNED, ANSWER + Protocol.OUT_ERROR, error);
    whole.set(JAVA_LONG_UNALIGNED, ANSWER + Protocol.OUT_UNIQUE, unique);
    return channel.send(answerOf(length));
  }

  private MemorySegment answerOf(int length) {
    if (length <= SHORT_MAX && length % Long.BYTES == 0) {
      return shortAnswers[length / Long.BYTES];
    }
    return length % PAGE == 0
        ? answers[length / PAGE]
        : whole.asSlice(ANSWER, Protocol.OUT_SIZE + (long) length);
  }
}
