package dev.architekt.node.instance;

import dev.architekt.linux.Fd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.nbd.NbdOptions;
import dev.architekt.nbd.NbdServer;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the hypervisor finds its disks: one UNIX socket each, which only its user may open. */
final class DiskSockets {
  private DiskSockets() {}

  static Path path(StateDirectory state, String disk) throws IOException {
    return state.sockets().resolve("disk-" + disk + ".nbd");
  }

  static Fd listen(StateDirectory state, String disk, int user) throws IOException {
    Path path = path(state, disk);
    Files.deleteIfExists(path);
    Fd listener = UnixSockets.listen(path, 16);
    Files.setAttribute(path, "unix:uid", user);
    Files.setAttribute(path, "unix:mode", 0600);
    return listener;
  }

  static NbdServer serve(Fd listener, String disk, Region region) throws IOException {
    return NbdServer.serve(listener, disk, region, NbdOptions.writable());
  }
}
