package dev.architekt.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A driver: starts machines and finds them again. Found through {@link ServiceLoader}. Stateless
 * and thread-safe.
 */
public interface Hypervisor {
  /** The driver's name in records and manifests, such as {@code qemu}. */
  String name();

  /**
   * Asks {@code binary}, in the background, what a start of it would have to ask first. May be left
   * out; says nothing if it fails.
   */
  void acquaint(Path binary);

  /**
   * Starts a machine that is ready to boot, PAUSED: the caller stores {@link Machine#record()} and
   * then resumes it. The record is in {@link MachineSpec#directory()} already when this returns
   * ({@link #find}).
   *
   * @throws MachineStartException if the process could not be started or ended; carries its last
   *     lines
   */
  Machine boot(MachineSpec spec, Descriptors descriptors) throws IOException;

  /** As {@link #boot}, for a machine that takes over another's state: INCOMING. */
  Machine prepareIncoming(MachineSpec spec, Descriptors descriptors) throws IOException;

  /**
   * Takes over a machine that another JVM started. Waits a bounded time for a silent one; serve its
   * memory and disks first, since it may be waiting for just them.
   *
   * @throws MachineGoneException if that process does not live any more
   */
  Machine adopt(MachineRecord record) throws IOException;

  /**
   * The living process that runs out of {@code directory}, also when the JVM that started it died
   * before it could write a record; empty when there is none.
   */
  Optional<MachineRecord> find(Path directory) throws IOException;

  /** The driver called {@code name}; fails with the names of those there are. */
  static Hypervisor named(String name) {
    StringBuilder others = new StringBuilder();
    for (Hypervisor driver : ServiceLoader.load(Hypervisor.class)) {
      if (driver.name().equals(name)) {
        return driver;
      }
      others.append(' ').append(driver.name());
    }
    throw new NoSuchElementException("no hypervisor driver \"" + name + "\"; there are:" + others);
  }
}
