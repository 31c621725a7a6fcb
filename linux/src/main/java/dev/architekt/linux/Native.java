package dev.architekt.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * How this room reaches the C library: one static {@link MethodHandle} per function, each with
 * errno captured into a per-thread segment (about 25 ns, and the only safe way: the JVM itself
 * calls libc between two of ours).
 *
 * <p>No handle is {@code critical}: every one may block, and a critical call would hold up
 * safepoints.
 */
final class Native {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  // One capture segment a thread, kept for the thread's life. An automatic arena frees it with the
  // thread.
  private static final ThreadLocal<MemorySegment> STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(POINTER, INT));

  private Native() {}

  /** A handle whose first parameter is the capture segment ({@link #state()}). */
  static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return function(name, descriptor, -1);
  }

  /** As above for a variadic function; {@code fixed} is the number of its named parameters. */
  static MethodHandle function(String name, FunctionDescriptor descriptor, int fixed) {
    List<Linker.Option> options = new ArrayList<>();
    options.add(Linker.Option.captureCallState("errno"));
    if (fixed >= 0) {
      options.add(Linker.Option.firstVariadicArg(fixed));
    }
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        options.toArray(Linker.Option[]::new));
  }

  /** This thread's capture segment: the first argument of every handle. */
  static MemorySegment state() {
    return STATE.get();
  }

  /** The error number that this thread's last call left. */
  static int errno() {
    return (int) ERRNO.get(STATE.get(), 0L);
  }

  static String strerror(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** A method handle threw: that is our bug, never the kernel's answer. */
  static AssertionError broken(Throwable cause) {
    return new AssertionError("downcall failed", cause);
  }
}
