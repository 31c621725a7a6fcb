package dev.architekt.mount;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernel threads that are just collecting what was dirtied. fsync(2) is the only call that
 * hands over every dirty page on every kernel, but it also ends in an FSYNC request, which asks for
 * durability; one from a thread that only collects is answered without. Known by the thread number
 * in the request's header.
 */
final class CollectorThreads {
  private final Set<Integer> threads = ConcurrentHashMap.newKeySet();

  void begin(int thread) {
    threads.add(thread);
  }

  void end(int thread) {
    threads.remove(thread);
  }

  boolean include(int thread) {
    return threads.contains(thread);
  }
}
