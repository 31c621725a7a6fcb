package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's view of a platform thread: its number, and a way to get it out of a blocking system
 * call.
 *
 * <p>A thread blocked in read(2) cannot be reached by {@link Thread#interrupt()}, and looking with
 * poll(2) first would cost every read a second call and wake every waiting thread for each message.
 * So {@link #nudge()} sends it a signal whose handler does nothing: the call returns EINTR. The
 * signal may come just before the call, so the sender repeats it until it sees the effect.
 */
public final class KernelThread {
  // A real-time signal that neither the C library (32, 33) nor the JVM uses.
  private static final int SIGNAL = 44;
  private static final long SIGACTION_SIZE = 152;

  private static final MethodHandle GETTID = Native.function("gettid", FunctionDescriptor.of(INT));
  private static final MethodHandle GETPID = Native.function("getpid", FunctionDescriptor.of(INT));
  private static final MethodHandle TGKILL =
      Native.function("tgkill", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle SIGACTION =
      Native.function("sigaction", FunctionDescriptor.of(INT, INT, POINTER, POINTER));

  static {
    installHandler();
  }

  private final int tid;

  private KernelThread(int tid) {
    this.tid = tid;
  }

  /**
   * The calling thread, which must be a platform thread: a virtual one moves between kernel
   * threads.
   */
  public static KernelThread current() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread has no kernel thread of its own");
    }
    try {
      return new KernelThread((int) GETTID.invokeExact(Native.state()));
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** The kernel's number of the thread. */
  public int id() {
    return tid;
  }

  /**
   * Makes the blocking system call that the thread is in, if any, return EINTR. Does nothing to an
   * ended thread.
   */
  public void nudge() {
    try {
      int pid = (int) GETPID.invokeExact(Native.state());
      // Safe: the handler returns at once. ESRCH (the thread has ended) is what the caller wants
      // anyway.
      int ignored = (int) TGKILL.invokeExact(Native.state(), pid, tid, SIGNAL);
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  private static void installHandler() {
    try (Arena arena = Arena.ofConfined()) {
      // struct sigaction { handler; sigset_t mask (128 bytes); int flags; restorer }, no flags:
      // without SA_RESTART
      // the interrupted call returns. The handler is the C library's abs(): a function of one int
      // that is pure, and
      // therefore safe in a signal handler; no upcall into Java could be.
      MemorySegment action = arena.allocate(SIGACTION_SIZE, 8);
      action.set(POINTER, 0, Linker.nativeLinker().defaultLookup().findOrThrow("abs"));
      int result = (int) SIGACTION.invokeExact(Native.state(), SIGNAL, action, MemorySegment.NULL);
      if (result < 0) {
        throw new IllegalStateException("sigaction " + SIGNAL + ": " + Errno.text(Native.errno()));
      }
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
