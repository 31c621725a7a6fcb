package dev.architekt.simulation;

/** What can go wrong. */
public enum Fault {
  DELAY,
  LINK_LOSS,
  SOURCE_CRASH,
  DESTINATION_CRASH,
  POWER_LOSS,
  MACHINE_FAILS,
  SLOW_DISK,
  DISK_FAILS,
  CANCEL
}
