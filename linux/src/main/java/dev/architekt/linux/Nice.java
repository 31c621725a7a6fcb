package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Shares of the processors, setpriority(2): from -20 (most) to 19 (least), 0 is usual. In Linux
 * every thread has a value of its own and hands it on to threads and processes that it starts.
 * Lowering a value needs CAP_SYS_NICE.
 */
public final class Nice {
  private static final int PRIO_PROCESS = 0;
  private static final MethodHandle SETPRIORITY =
      Native.function("setpriority", FunctionDescriptor.of(INT, INT, INT, INT));

  private Nice() {}

  /** Sets the calling platform thread's value. */
  public static void set(int value) throws LinuxException {
    set(0, value);
  }

  /** Sets the value of process {@code pid}'s first thread, and so of those that it starts later. */
  public static void set(long pid, int value) throws LinuxException {
    if (value < -20 || value > 19) {
      throw new IllegalArgumentException("nice value " + value + ", expected -20 to 19");
    }
    try {
      int result =
          (int) SETPRIORITY.invokeExact(Native.state(), PRIO_PROCESS, Math.toIntExact(pid), value);
      if (result < 0) {
        throw new LinuxException("setpriority", "to " + value, Native.errno());
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }
}
