package dev.architekt.node.peer;

import dev.architekt.migration.core.Authority;
import dev.architekt.migration.core.SourceCore;
import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.node.Facts;
import dev.architekt.node.Wiring;
import dev.architekt.node.instance.AuthorityFile;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.packager.SuspendedPackage;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.util.Optional;

/** VMs that come out of a package: new ones, and the one that was suspended on this directory. */
final class PackageArrivals {
  private final Host host;
  private final PeerOptions options;
  private final WireOptions wire;
  private final AuthorityFile authority;
  private final Asking asking;

  PackageArrivals(
      Host host, PeerOptions options, WireOptions wire, AuthorityFile authority, Asking asking) {
    this.host = host;
    this.options = options;
    this.wire = wire;
    this.authority = authority;
    this.asking = asking;
  }

  /** What offers the package, or the VM, at {@code raddr}. */
  BlobClient dial(String option, String raddr) throws IOException {
    return BlobClient.open(
        option,
        raddr,
        wire,
        PackageStart.LANES,
        Wiring.WINDOW_BYTES,
        options.resumeTimeout().toSeconds());
  }

  /** Goes on with the VM that was suspended here, whatever else was asked for. */
  Arrival resumed(Suspended suspended) throws Exception {
    String origin = BlobClient.FILE + suspended.requirePackage(host.state());
    host.output()
        .event(
            "resuming",
            "instance "
                + suspended.instance()
                + " ("
                + suspended.name()
                + ") was suspended here at "
                + suspended.at()
                + ": resuming it from "
                + origin
                + options.raddr().map(raddr -> "; --raddr " + raddr + " is not used").orElse(""),
            "instance",
            suspended.instance());
    BlobClient client = dial(Suspended.FILE, origin);
    Message.Description description;
    try {
      description = asking.ask(client);
    } catch (IOException | InterruptedException e) {
      client.close();
      throw e;
    }
    Arrival arrival = start(client, description, Optional.of(suspended.identity()));
    host.state().delete(Suspended.FILE);
    return arrival;
  }

  /** Starts what {@code client} has described as a package; {@code raddr} is how it was named. */
  Arrival started(BlobClient client, Message.Description description, String raddr)
      throws Exception {
    return start(client, description, Revival.identity(raddr, options, host.output()));
  }

  private Arrival start(
      BlobClient client,
      Message.Description description,
      Optional<SuspendedPackage.Identity> identity)
      throws Exception {
    InstanceSpec template = Facts.spec(description, client.origin());
    Compatibility.requireAccelerator(template, options.accelerator());
    PackageStart start =
        new PackageStart(host, PackageStart.Manner.of(options, identity), authority, client);
    DataPlane plane;
    try {
      plane = start.start(description, template);
    } catch (Exception e) {
      client.close();
      throw e;
    }
    return new Arrival(
        plane,
        config -> new SourceCore(config, new Authority.Running(start.firstEpoch())),
        () -> start.fetchRest(plane),
        client::close);
  }
}
