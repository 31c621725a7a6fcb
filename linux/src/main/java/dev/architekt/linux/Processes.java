package dev.architekt.linux;

import static dev.architekt.linux.Native.INT;
import static dev.architekt.linux.Native.LONG;
import static dev.architekt.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Starts processes that outlive this one: {@link ProcessBuilder} passes only three descriptors, and
 * puts the child into the JVM's process group, where a Ctrl-C at the terminal reaches it.
 */
public final class Processes {
  private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
  private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
  private static final short POSIX_SPAWN_SETSID = 0x80;
  private static final int O_APPEND = 02000;
  private static final int WNOHANG = 1;
  private static final int FIRST_INHERITED = 3;
  private static final int DESCRIPTORS_MAX = 200;
  // Sources are moved above every target first, so that no dup2 in the child can overwrite a source
  // of a later one.
  private static final long FIRST_SOURCE = FIRST_INHERITED + DESCRIPTORS_MAX + 1L;
  private static final int F_DUPFD_CLOEXEC = 1030;
  // glibc on x86-64: 80, 336 and 128 bytes; more than any port of it needs.
  private static final long STRUCT_SIZE = 512;

  private static final FunctionDescriptor ONE_POINTER = FunctionDescriptor.of(INT, POINTER);
  private static final MethodHandle SPAWN =
      Native.function(
          "posix_spawn",
          FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
  private static final MethodHandle ACTIONS_INIT =
      Native.function("posix_spawn_file_actions_init", ONE_POINTER);
  private static final MethodHandle ACTIONS_DESTROY =
      Native.function("posix_spawn_file_actions_destroy", ONE_POINTER);
  private static final MethodHandle ACTIONS_DUP2 =
      Native.function(
          "posix_spawn_file_actions_adddup2", FunctionDescriptor.of(INT, POINTER, INT, INT));
  private static final MethodHandle ACTIONS_OPEN =
      Native.function(
          "posix_spawn_file_actions_addopen",
          FunctionDescriptor.of(INT, POINTER, INT, POINTER, INT, INT));
  private static final MethodHandle ACTIONS_CLOSE_FROM =
      Native.function(
          "posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(INT, POINTER, INT));
  private static final MethodHandle ACTIONS_CHDIR =
      Native.function(
          "posix_spawn_file_actions_addchdir_np", FunctionDescriptor.of(INT, POINTER, POINTER));
  private static final MethodHandle ATTR_INIT =
      Native.function("posix_spawnattr_init", ONE_POINTER);
  private static final MethodHandle ATTR_DESTROY =
      Native.function("posix_spawnattr_destroy", ONE_POINTER);
  private static final MethodHandle ATTR_FLAGS =
      Native.function(
          "posix_spawnattr_setflags", FunctionDescriptor.of(INT, POINTER, ValueLayout.JAVA_SHORT));
  private static final MethodHandle ATTR_SIGDEFAULT =
      Native.function(
          "posix_spawnattr_setsigdefault", FunctionDescriptor.of(INT, POINTER, POINTER));
  private static final MethodHandle ATTR_SIGMASK =
      Native.function("posix_spawnattr_setsigmask", FunctionDescriptor.of(INT, POINTER, POINTER));
  private static final MethodHandle FCNTL =
      Native.function("fcntl", FunctionDescriptor.of(INT, INT, INT, LONG), 2);
  private static final MethodHandle WAITPID =
      Native.function("waitpid", FunctionDescriptor.of(INT, INT, POINTER, INT));

  private Processes() {}

  /**
   * Starts {@code command} as the leader of a session of its own: folder {@code /}, standard input
   * empty, output and errors appended to {@code output}, default signal handling, and no descriptor
   * of this process but {@code inherited}, which get the numbers 3, 4, 5, … in their order.
   *
   * @param command the program's absolute path, then its arguments
   * @param environment all of the child's environment
   * @return the child's pid; reap it with {@link #reap}
   * @throws LinuxException if the program cannot be started (also from the child's side: a missing
   *     program, for one)
   */
  public static long spawnSession(
      List<String> command, Map<String, String> environment, Path output, List<Fd> inherited)
      throws LinuxException {
    if (inherited.size() > DESCRIPTORS_MAX) {
      throw new IllegalArgumentException(
          inherited.size() + " descriptors to inherit, expected at most " + DESCRIPTORS_MAX);
    }
    String program = command.getFirst();
    List<Fd> sources = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(STRUCT_SIZE, 16);
      MemorySegment attributes = arena.allocate(STRUCT_SIZE, 16);
      check((int) ACTIONS_INIT.invokeExact(Native.state(), actions), program);
      check((int) ATTR_INIT.invokeExact(Native.state(), attributes), program);
      try {
        setAttributes(arena, attributes, program);
        open(arena, actions, 0, "/dev/null", Fd.O_RDONLY);
        open(arena, actions, 1, output.toString(), Fd.O_WRONLY | Fd.O_CREAT | O_APPEND);
        check((int) ACTIONS_DUP2.invokeExact(Native.state(), actions, 1, 2), program);
        int target = FIRST_INHERITED;
        for (Fd fd : inherited) {
          Fd source = duplicateHigh(fd);
          sources.add(source);
          check(
              (int) ACTIONS_DUP2.invokeExact(Native.state(), actions, source.number(), target++),
              program);
        }
        // Sockets that the JDK opens are not close-on-exec: without this the child would keep our
        // ports bound.
        check((int) ACTIONS_CLOSE_FROM.invokeExact(Native.state(), actions, target), program);
        check(
            (int) ACTIONS_CHDIR.invokeExact(Native.state(), actions, arena.allocateFrom("/")),
            program);
        MemorySegment pid = arena.allocate(INT);
        List<String> pairs = new ArrayList<>();
        environment.forEach((k, v) -> pairs.add(k + "=" + v));
        // Safe: every string and array lives in the arena until the child has called exec
        // (posix_spawn waits for it).
        check(
            (int)
                SPAWN.invokeExact(
                    Native.state(),
                    pid,
                    arena.allocateFrom(program),
                    actions,
                    attributes,
                    strings(arena, command),
                    strings(arena, pairs)),
            program);
        return pid.get(INT, 0);
      } finally {
        int ignored = (int) ACTIONS_DESTROY.invokeExact(Native.state(), actions);
        ignored = (int) ATTR_DESTROY.invokeExact(Native.state(), attributes);
      }
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.broken(e);
    } finally {
      sources.forEach(Fd::close);
    }
  }

  /** The number that {@code inherited.get(index)} of {@link #spawnSession} has in the child. */
  public static int inheritedNumber(int index) {
    return FIRST_INHERITED + index;
  }

  /**
   * waitpid(2) without waiting: frees the entry of a child that has ended. Its raw wait status, or
   * empty if it has not ended or is no child of this process (an adopted one is reaped by init).
   */
  public static OptionalInt reap(long pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(INT);
      int done = (int) WAITPID.invokeExact(Native.state(), (int) pid, status, WNOHANG);
      return done == pid ? OptionalInt.of(status.get(INT, 0)) : OptionalInt.empty();
    } catch (Throwable e) {
      throw Native.broken(e);
    }
  }

  /** A wait status in words: {@code exit status 1}, {@code signal 9}. */
  public static String describe(int waitStatus) {
    int signal = waitStatus & 0x7f;
    return signal == 0 ? "exit status " + ((waitStatus >> 8) & 0xff) : "signal " + signal;
  }

  private static void setAttributes(Arena arena, MemorySegment attributes, String program)
      throws Throwable {
    // sigset_t is 1024 bits. What the JVM (or nohup) ignores would stay ignored over exec; what it
    // blocks, blocked.
    MemorySegment all = arena.allocate(128, 8).fill((byte) 0xff);
    MemorySegment none = arena.allocate(128, 8);
    check((int) ATTR_SIGDEFAULT.invokeExact(Native.state(), attributes, all), program);
    check((int) ATTR_SIGMASK.invokeExact(Native.state(), attributes, none), program);
    short flags = (short) (POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    check((int) ATTR_FLAGS.invokeExact(Native.state(), attributes, flags), program);
  }

  private static void open(Arena arena, MemorySegment actions, int number, String path, int flags)
      throws Throwable {
    check(
        (int)
            ACTIONS_OPEN.invokeExact(
                Native.state(), actions, number, arena.allocateFrom(path), flags, 0600),
        path);
  }

  private static Fd duplicateHigh(Fd fd) throws Throwable {
    int number =
        (int) FCNTL.invokeExact(Native.state(), fd.number(), F_DUPFD_CLOEXEC, FIRST_SOURCE);
    if (number < 0) {
      throw new LinuxException("fcntl(F_DUPFD_CLOEXEC)", fd.toString(), Native.errno());
    }
    return new Fd(number, fd.name());
  }

  private static MemorySegment strings(Arena arena, List<String> values) {
    MemorySegment array = arena.allocate(POINTER, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      array.setAtIndex(POINTER, i, arena.allocateFrom(values.get(i)));
    }
    return array; // arenas hand out zeroed memory: the closing NULL is there
  }

  /** These functions return the error number instead of setting errno. */
  private static void check(int error, String object) throws LinuxException {
    if (error != 0) {
      throw new LinuxException("posix_spawn", object, error);
    }
  }
}
