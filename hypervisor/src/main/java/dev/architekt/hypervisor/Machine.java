package dev.architekt.hypervisor;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One virtual machine's process, as the host sees it. RAM and disks live outside of it (regions);
 * what a machine saves and loads is the state of its devices and vCPUs.
 *
 * <p>Thread-safe. Commands run one after another and block until done or until their limit has
 * passed; each fails with a {@link MachineException} that names the machine and the command. The
 * process outlives this object and this JVM.
 */
public interface Machine extends AutoCloseable {
  /** What the machine is doing, as far as its events said. Never waits. */
  MachineState state();

  /**
   * Stops the vCPUs and waits until disks have nothing in flight: RUNNING to PAUSED. No-op when
   * paused.
   */
  void pause() throws IOException;

  /**
   * Lets the vCPUs run: PAUSED (also after {@link #saveState}) or IO_ERROR to RUNNING. No-op when
   * running. Does not touch the guest's clock; see {@link GuestAgent#stepClockForward}.
   */
  void resume() throws IOException;

  /**
   * Runs the code of saving and loading a state once, with nothing in it, so that it has been
   * loaded and linked when a guest stands still for it. Changes nothing; while the machine is
   * alive.
   */
  void rehearse() throws IOException;

  /**
   * Makes ready for {@link #saveState} what can be made ready while the guest runs, so that it
   * stands still for less time. May be left out; a save that does not follow costs nothing.
   */
  void prepareSave() throws IOException;

  /**
   * Writes the state of devices and vCPUs, without RAM, of a PAUSED machine, which stays PAUSED and
   * can be resumed afterwards; it must have run again before it can be saved again, also when
   * saving failed. {@code target} is not closed. A failure leaves the machine PAUSED.
   */
  void saveState(WritableByteChannel target) throws IOException;

  /**
   * Reads what {@link #saveState} wrote, to the end of {@code source}: INCOMING to PAUSED. {@code
   * source} is not closed. Touches guest RAM (device rings), so absent pages must be servable
   * meanwhile. A {@link StateLoadException} says that this process cannot be used any more: {@link
   * #kill()} it.
   */
  void loadState(ReadableByteChannel source) throws IOException;

  /** The channel to the agent inside of the guest. */
  GuestAgent agent();

  /** The file that the guest's console goes to; bounded, so that its beginning may be cut off. */
  Path console();

  /** At most {@code lines} last lines of the console, for messages. Empty when there are none. */
  String consoleTail(int lines);

  /** All that adoption needs. */
  MachineRecord record();

  /**
   * Whether the process lives: asked of the kernel, so that a silent machine does not count as
   * dead.
   */
  boolean isAlive();

  /** SIGKILL, now, whatever it is doing. No-op when it is gone. */
  void kill() throws IOException;

  /** Waits until the process is gone; false when it still lives after {@code limit}. */
  boolean waitExit(Duration limit) throws InterruptedException;

  /**
   * Calls {@code listener} for every event from now on, on a thread of the machine: it must return
   * at once and must not call back into commands of this machine.
   */
  void onEvent(Consumer<MachineEvent> listener);

  /** Lets go of the process, which goes on by itself. */
  @Override
  void close();
}
