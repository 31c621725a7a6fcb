package dev.architekt.hypervisor;

/**
 * What must be equal on both sides of a migration, so a package's manifest pins it.
 *
 * @param machineType a versioned type such as {@code pc-q35-7.2}; unversioned ones change with the
 *     hypervisor
 * @param cpuModel a named model such as {@code qemu64}; {@code max} and {@code host} change with
 *     the host
 * @param cpus virtual CPUs, 1 to 64
 */
public record Platform(String machineType, String cpuModel, int cpus, Accelerator accelerator) {
  public static final int CPUS_MAX = 64;

  public Platform {
    Names.requireOption("machine type", machineType);
    Names.requireOption("CPU model", cpuModel);
    if (cpus < 1 || cpus > CPUS_MAX) {
      throw new IllegalArgumentException("cpus is " + cpus + ", expected 1 to " + CPUS_MAX);
    }
    if (accelerator == null) {
      throw new NullPointerException("accelerator");
    }
  }
}
