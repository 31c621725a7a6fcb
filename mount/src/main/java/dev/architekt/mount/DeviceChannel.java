package dev.architekt.mount;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Messages;
import java.lang.foreign.MemorySegment;

/**
 * {@code /dev/fuse}. All threads use one and the same descriptor: what a dead server had in hand is
 * given out again only for descriptors that stay open, and this one does, in the process whose
 * memory the mount is.
 */
record DeviceChannel(Fd device) implements Channel {
  @Override
  public long receive(MemorySegment target) {
    return Messages.receive(device, target);
  }

  @Override
  public long send(MemorySegment message) {
    return Messages.send(device, message);
  }
}
