package dev.architekt.hypervisor;

import dev.architekt.linux.Fd;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine's process inherits already open. The process gets duplicates; the caller keeps its
 * own, and may close them as soon as the call that takes this has returned.
 *
 * @param ram the guest's RAM: a file of {@link MachineSpec#memoryBytes()} bytes, opened for reading
 *     and writing
 * @param tap the guest's network, attached to its device already
 * @param held by a role's name: descriptors that the process never uses and only keeps alive for
 *     the next server ({@code /dev/fuse} of the RAM's mount, listening sockets of the NBD servers)
 */
public record Descriptors(Fd ram, Optional<Fd> tap, Map<String, Fd> held) {
  /** Role names that {@link MachineRecord#descriptors()} uses for the first two. */
  public static final String RAM = "ram";

  public static final String TAP = "tap";

  /** Customary role names of held descriptors. */
  public static final String FUSE = "fuse";

  public static final int HELD_MAX = 64;

  /** The role of disk {@code id}'s listening NBD socket. */
  public static String listener(String id) {
    return "nbd." + id;
  }

  public Descriptors {
    held = Map.copyOf(held);
    if (held.size() > HELD_MAX) {
      throw new IllegalArgumentException(
          held.size() + " held descriptors, expected at most " + HELD_MAX);
    }
  }
}
