package dev.architekt.migration.core;

/** What a node that was started again found of its machine. */
public enum MachineFound {
  RUNNING,
  PAUSED,
  GONE
}
