package dev.architekt.node.state;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What an instance is, wherever it runs: all that another host must know to run it except the
 * content of its regions and its device state. Travels in the description of a running instance and
 * lies in the state directory.
 *
 * @param id the instance's UUID; survives migrations
 * @param name what people call it
 * @param cpus number of vCPUs
 * @param memoryBytes RAM, bytes
 * @param machineType QEMU machine type with its version, for example {@code pc-q35-7.2}
 * @param cpuModel named CPU model
 * @param accelerator {@code tcg} or {@code kvm}
 * @param commandLine kernel command line
 * @param guestMac MAC address of the guest's network card
 * @param kernelDigest SHA-256 of the kernel, hexadecimal
 * @param initramfsDigest SHA-256 of the initial RAM disk
 * @param disks in order
 * @param address the stable outer address, IPv4, or {@code null} when it has none
 * @param beforeSuspend whether the guest has hooks for before a suspend
 * @param afterResume whether the guest has hooks for after a resume
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record InstanceSpec(
    String id,
    String name,
    int cpus,
    long memoryBytes,
    String machineType,
    String cpuModel,
    String accelerator,
    String commandLine,
    String guestMac,
    String kernelDigest,
    String initramfsDigest,
    List<Disk> disks,
    String address,
    boolean beforeSuspend,
    boolean afterResume) {

  /** The largest description that is read, in bytes. */
  public static final int JSON_LENGTH_MAX = 64 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A disk: the name of its region, and its size in bytes. */
  public record Disk(String name, long size) {}

  public InstanceSpec {
    disks = List.copyOf(disks);
    require(cpus >= 1 && cpus <= 256, "cpus", cpus, "1 to 256");
    require(
        memoryBytes >= 1 << 20 && memoryBytes <= 1L << 44 && memoryBytes % 4096 == 0,
        "memoryBytes",
        memoryBytes,
        "1 MiB to 16 TiB in whole pages");
    require(disks.size() <= 16, "disks", disks.size(), "at most 16");
  }

  private static void require(boolean holds, String field, Object found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "instance description: " + field + " is " + found + ", expected " + expected);
    }
  }

  public Optional<String> stableAddress() {
    return Optional.ofNullable(address);
  }

  public InstanceSpec withIdentity(String newId, String newAddress) {
    return new InstanceSpec(
        newId,
        name,
        cpus,
        memoryBytes,
        machineType,
        cpuModel,
        accelerator,
        commandLine,
        guestMac,
        kernelDigest,
        initramfsDigest,
        disks,
        newAddress,
        beforeSuspend,
        afterResume);
  }

  public byte[] toJson() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("instance description cannot be written as JSON", e);
    }
  }

  /**
   * Reads a description that came from a file or a peer; {@code origin} is what error messages call
   * it.
   */
  public static InstanceSpec fromJson(byte[] json, String origin) throws IOException {
    if (json.length > JSON_LENGTH_MAX) {
      throw new IOException(
          origin
              + ": instance description of "
              + json.length
              + " bytes, expected at most "
              + JSON_LENGTH_MAX);
    }
    try {
      return JSON.readValue(json, InstanceSpec.class);
    } catch (JsonProcessingException e) {
      throw new IOException(origin + ": not an instance description: " + e.getOriginalMessage(), e);
    }
  }
}
