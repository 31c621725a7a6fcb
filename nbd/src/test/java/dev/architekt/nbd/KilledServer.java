package dev.architekt.nbd;

import dev.architekt.linux.Fd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.region.DelayedRegion;
import dev.architekt.region.LocalStore;
import dev.architekt.region.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * A server in a process of its own, slow enough to be killed with writes in hand: store, socket,
 * ready file.
 */
final class KilledServer {
  private KilledServer() {}

  public static void main(String[] args) throws Exception {
    LocalStore store =
        LocalStore.create(
            Path.of(args[0]), "vm", 64 << 20, LocalStore.Start.PRESENT, StoreOptions.failing());
    Fd listener = UnixSockets.listen(Path.of(args[1]), 8);
    NbdServer.serve(
        listener, "disk", new DelayedRegion(store, Duration.ofMillis(200)), NbdOptions.writable());
    Path ready = Path.of(args[2]);
    Files.writeString(ready.resolveSibling("ready.new"), Integer.toString(listener.number()));
    Files.move(ready.resolveSibling("ready.new"), ready, StandardCopyOption.ATOMIC_MOVE);
    Thread.sleep(Duration.ofMinutes(5));
  }
}
