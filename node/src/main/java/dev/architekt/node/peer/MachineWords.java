package dev.architekt.node.peer;

import dev.architekt.hypervisor.MachineEvent;

/** What a machine did by itself, as a sentence for a person. */
final class MachineWords {
  private MachineWords() {}

  static String of(MachineEvent event) {
    return switch (event) {
      case MachineEvent.DiskError error ->
          "the VM stands still: its disk "
              + error.device()
              + " failed to "
              + error.operation()
              + (error.reason().isBlank() ? "" : " (" + error.reason() + ")")
              + "; look for a full or broken disk of this host";
      case MachineEvent.Panic _ -> "the VM's kernel panicked; its console shows why";
      case MachineEvent.Shutdown _ -> "the VM switched itself off";
      case MachineEvent.Reset _ -> "the VM restarted itself";
      case MachineEvent.Exit exit -> "QEMU has ended: " + exit.how();
      case MachineEvent.Unmanaged lost ->
          "the connection to QEMU broke although it runs ("
              + lost.reason()
              + "): the VM goes on and cannot be moved; start this peer again to go on with it";
    };
  }
}
