package dev.architekt.bench.migrate;

import java.io.IOException;

/** Something that moves a running VM between host 1 and host 2. */
interface Engine extends AutoCloseable {
  /** What one move took, as far as its engine knows; the client's view comes beside it. */
  record Move(
      double pauseMs, double totalMs, double startMs, long bytes, boolean toEmpty, String remark) {}

  String name();

  /** Where clients reach its VM. */
  String address();

  /** Lets the VM run, before its turn. */
  void thaw() throws IOException;

  /** Stops the VM, so that it takes nothing from the one whose turn it is. */
  void freeze() throws IOException;

  /** Moves the VM to the other host; returns when all of it is there and the source has ended. */
  Move move() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
