package dev.architekt.mount;

import java.lang.foreign.MemorySegment;

/** Where requests come from and answers go: {@code /dev/fuse}, or a test. Thread-safe. */
interface Channel {
  /** Receives one whole request into {@code target}: its length, or −errno. Blocks. */
  long receive(MemorySegment target);

  /** Sends one whole answer or notification: its length, or −errno. */
  long send(MemorySegment message);
}
