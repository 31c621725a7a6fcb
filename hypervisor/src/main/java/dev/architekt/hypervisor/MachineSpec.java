package dev.architekt.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Everything that a machine is made of, except what is handed over already open ({@link
 * Descriptors}).
 *
 * @param name the instance's name: what logs, the process list and messages call it
 * @param uuid the instance's identity; stays the same over migrations, and a start from a package
 *     gets a new one: what the guest sees as its UUID and as its generation id
 * @param platform what both sides of a migration must agree on
 * @param memoryBytes size of the guest's RAM, a multiple of 2 MiB; the RAM file has this size
 * @param boot what the firmware starts
 * @param mac the guest's network card, if it has one: six lower-case hex pairs
 * @param disks in the guest's order: the first is {@code /dev/vda}
 * @param binary the hypervisor's program
 * @param directory a folder of this machine alone, on the host: sockets, console, the process's own
 *     output
 * @param user the unprivileged user that the process becomes, such as {@code nobody}; empty keeps
 *     the caller's
 */
public record MachineSpec(
    String name,
    UUID uuid,
    Platform platform,
    long memoryBytes,
    Boot boot,
    Optional<String> mac,
    List<Disk> disks,
    Path binary,
    Path directory,
    Optional<String> user) {
  public static final long MEMORY_UNIT = 2L << 20;
  public static final int DISKS_MAX = 16;

  /**
   * What the firmware starts.
   *
   * @param commandLine the guest's own part; the driver puts what it needs itself (console, clock)
   *     in front
   */
  public record Boot(Path kernel, Path initramfs, String commandLine) {
    public static final int COMMAND_LINE_MAX = 1500;

    public Boot {
      kernel = kernel.toAbsolutePath();
      initramfs = initramfs.toAbsolutePath();
      if (commandLine.length() > COMMAND_LINE_MAX || commandLine.indexOf('\n') >= 0) {
        throw new IllegalArgumentException(
            "kernel command line of "
                + commandLine.length()
                + " characters, expected one line of at most "
                + COMMAND_LINE_MAX);
      }
    }
  }

  /**
   * A disk, served over NBD.
   *
   * @param id a short word, unique in the machine
   * @param socket the NBD server's UNIX socket
   * @param export the export's name there
   */
  public record Disk(String id, Path socket, String export, boolean readOnly) {
    public Disk {
      Names.requireOption("disk id", id);
      Names.requireOption("export name", export);
      socket = socket.toAbsolutePath();
    }
  }

  public MachineSpec {
    Names.requireOption("machine name", name);
    Objects.requireNonNull(uuid, "uuid");
    Objects.requireNonNull(platform, "platform");
    Objects.requireNonNull(boot, "boot");
    mac.ifPresent(Names::requireMac);
    user.ifPresent(u -> Names.requireOption("user", u));
    disks = List.copyOf(disks);
    binary = binary.toAbsolutePath();
    directory = directory.toAbsolutePath();
    if (memoryBytes < MEMORY_UNIT || memoryBytes % MEMORY_UNIT != 0) {
      throw new IllegalArgumentException(
          "memory is " + memoryBytes + " bytes, expected a multiple of " + MEMORY_UNIT);
    }
    if (disks.size() > DISKS_MAX) {
      throw new IllegalArgumentException(disks.size() + " disks, expected at most " + DISKS_MAX);
    }
  }
}
