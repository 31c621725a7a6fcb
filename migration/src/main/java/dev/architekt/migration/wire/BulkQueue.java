package dev.architekt.migration.wire;

/** How much of a bulk lane may wait in this host's kernel. */
final class BulkQueue {
  /** Most bytes of send buffer of one bulk lane. */
  static final int BYTES_MAX = 1 << 20;

  private BulkQueue() {}
}
