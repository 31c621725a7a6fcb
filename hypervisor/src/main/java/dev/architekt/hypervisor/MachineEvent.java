package dev.architekt.hypervisor;

/** Something that a machine did by itself. */
public sealed interface MachineEvent {
  /**
   * A disk could not be read or written; the machine stands still until {@link Machine#resume()}.
   */
  record DiskError(String device, String operation, String reason) implements MachineEvent {}

  /** The guest panicked, as far as it can tell. */
  record Panic() implements MachineEvent {}

  /** The guest switched itself off; its process stays, vCPUs stand still. */
  record Shutdown(String reason) implements MachineEvent {}

  /** The guest restarted itself. */
  record Reset() implements MachineEvent {}

  /** The process is gone; {@code how} is its exit status or signal, as far as it is known. */
  record Exit(String how) implements MachineEvent {}

  /** The management connection broke although the process lives; commands fail from now on. */
  record Unmanaged(String reason) implements MachineEvent {}
}
