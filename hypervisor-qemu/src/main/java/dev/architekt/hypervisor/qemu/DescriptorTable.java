package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.Descriptors;
import dev.architekt.hypervisor.MachineSpec;
import dev.architekt.linux.Fd;
import dev.architekt.linux.Processes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which descriptor gets which number in the new process. Owns what it opens itself, and only that.
 */
final class DescriptorTable implements AutoCloseable {
  static final String FOLDER = "folder";
  private static final String DISK = "disk.";

  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final List<Fd> inherited = new ArrayList<>();
  private final List<Fd> owned = new ArrayList<>();

  static DescriptorTable of(MachineSpec spec, Descriptors descriptors, RunFolder folder)
      throws IOException {
    DescriptorTable table = new DescriptorTable();
    table.put(FOLDER, folder.fd());
    table.put(Descriptors.RAM, descriptors.ram());
    if (spec.mac().isPresent()) {
      table.put(
          Descriptors.TAP,
          descriptors
              .tap()
              .orElseThrow(() -> new IllegalArgumentException("a network card needs a tap")));
    }
    new TreeMap<>(descriptors.held()).forEach(table::put);
    try {
      for (MachineSpec.Disk disk : spec.disks()) {
        // Of the socket itself, not of its folder: connecting again then needs rights on nothing
        // but the socket, and
        // keeps working while a successor listens on the same one.
        Fd socket = Fd.open(disk.socket().toString(), Fd.O_PATH, 0);
        table.owned.add(socket);
        table.put(DISK + disk.id(), socket);
        folder.giveToQemu(disk.socket());
      }
    } catch (IOException e) {
      table.close();
      throw e;
    }
    return table;
  }

  private void put(String role, Fd fd) {
    if (numbers.putIfAbsent(role, Processes.inheritedNumber(inherited.size())) != null) {
      throw new IllegalArgumentException("two descriptors with the role " + role);
    }
    inherited.add(fd);
  }

  /** In the order of their numbers. */
  List<Fd> inherited() {
    return inherited;
  }

  /** By role. */
  Map<String, Integer> numbers() {
    return Map.copyOf(numbers);
  }

  int folder() {
    return numbers.get(FOLDER);
  }

  int ram() {
    return numbers.get(Descriptors.RAM);
  }

  int tap() {
    return numbers.get(Descriptors.TAP);
  }

  int disk(String id) {
    return numbers.get(DISK + id);
  }

  @Override
  public void close() {
    owned.forEach(Fd::close);
  }
}
