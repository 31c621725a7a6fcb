package dev.architekt.testkit.client;

import java.io.IOException;

/** One connection to a service, kept; used by one thread. */
interface Conversation extends AutoCloseable {
  /** How long an answer may take before the client gives up. */
  int ANSWER_MS_MAX = 30_000;

  /**
   * Asks something and waits for the right answer.
   *
   * @param n counts up from 0
   * @throws IOException when the connection is lost, the answer is wrong or there is none in time
   */
  void exchange(long n) throws IOException;

  /** What stays the same exactly as long as the connection, or session, is the same one. */
  String identity() throws IOException;

  /**
   * Looks back once everything has been said: is what the service acknowledged still there?
   *
   * @param exchanges how many there were
   * @return one figure for people to read, such as {@code 1000 keys}
   * @throws IOException when something is missing
   */
  String verify(long exchanges) throws IOException;

  @Override
  void close() throws IOException;
}
