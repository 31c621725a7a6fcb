package dev.architekt.hypervisor;

/** What a machine is doing. */
public enum MachineState {
  /** Started, waits for device state ({@link Machine#loadState}). */
  INCOMING,
  /** Has its state, vCPUs stand still. */
  PAUSED,
  RUNNING,
  /** Stopped by an I/O error of a disk. */
  IO_ERROR,
  /** Guest panicked or shut down by itself. */
  STOPPED,
  /** The process is gone. */
  DEAD
}
