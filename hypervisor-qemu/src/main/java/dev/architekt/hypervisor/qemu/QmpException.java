package dev.architekt.hypervisor.qemu;

import dev.architekt.hypervisor.MachineException;

/** QEMU answered a command with an error. */
final class QmpException extends MachineException {
  private static final long serialVersionUID = 1L;

  QmpException(String machine, String command, String description) {
    super(machine + ": QEMU refused \"" + command + "\": " + description);
  }
}
