package dev.architekt.migration.wire;

import java.lang.reflect.Method;

/**
 * How much this thread has allocated. By reflection: the room does not read the JDK's module for
 * it.
 */
final class Allocation {
  private static final Object THREADS;
  private static final Method BYTES;

  static {
    try {
      THREADS =
          Class.forName("java.lang.management.ManagementFactory")
              .getMethod("getThreadMXBean")
              .invoke(null);
      BYTES =
          Class.forName("com.sun.management.ThreadMXBean")
              .getMethod("getCurrentThreadAllocatedBytes");
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("needs the module jdk.management", e);
    }
  }

  private Allocation() {}

  static long bytes() {
    try {
      return (long) BYTES.invoke(THREADS);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
