package dev.architekt.node.packager;

import dev.architekt.archive.ArkReader;
import dev.architekt.migration.wire.ReadService;
import dev.architekt.node.PackageService;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Owner;
import dev.architekt.node.instance.StatusFile;
import dev.architekt.node.peer.ResumeCheck;
import dev.architekt.node.peer.TouchTrace;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.MemoryRegion;
import dev.architekt.region.Region;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Resumes the guest that has just been suspended, to learn from it. */
final class Rerun {
  private final Host host;
  private final PackagerOptions options;
  private final Liveness liveness;
  private final List<Integer> ports;
  private volatile ResumeCheck check;
  private volatile boolean cancelled;

  /**
   * @param host with a state directory for this alone
   * @param ports TCP ports of its services
   */
  Rerun(Host host, PackagerOptions options, Liveness liveness, List<Integer> ports) {
    this.host = host;
    this.options = options;
    this.liveness = liveness;
    this.ports = ports;
  }

  /** Resumes the package that was written. */
  void check(Path ark) throws IOException, InterruptedException {
    try (ArkReader reader = ArkReader.open(ark)) {
      run(PackageService.of(reader), Optional.empty());
    }
  }

  /**
   * Resumes it from the copies that the package will be made of; what it touches until its service
   * answers, in that order.
   */
  TouchTrace record(DataPlane suspended, byte[] state) throws IOException, InterruptedException {
    InstanceSpec spec = suspended.spec();
    keep(suspended, spec.kernelDigest(), "kernel");
    keep(suspended, spec.initramfsDigest(), "initramfs");
    TouchTrace trace = new TouchTrace();
    try (MemoryRegion devices = new MemoryRegion(state.length)) {
      devices.write(0, MemorySegment.ofArray(state));
      Map<String, Region> regions = new LinkedHashMap<>();
      suspended
          .stores()
          .names()
          .forEach(name ->
              regions.put(name, suspended.stores().get(suspended.stores().names().indexOf(name))));
      regions.put(PackageService.STATE, devices);
      String driver = "qemu " + options.qemu();
      run(PackageService.of(UUID.randomUUID(), spec, driver, regions), Optional.of(trace));
    }
    return trace;
  }

  private void keep(DataPlane suspended, String digest, String what) throws IOException {
    Path file = Blobs.path(suspended.host().state(), digest);
    Blobs.put(host.state(), digest, ByteBuffer.wrap(Files.readAllBytes(file)), what);
  }

  private void run(ReadService offered, Optional<TouchTrace> trace)
      throws IOException, InterruptedException {
    Owner.claim(host.state());
    new StatusFile(host.state()).write("packager", "packaging", "resumes the guest once", null);
    check = new ResumeCheck(host, options.resumeTimeout());
    if (cancelled) {
      throw new InterruptedException();
    }
    check.run(
        offered,
        trace,
        plane -> {
          liveness.requireResumed(plane);
          liveness.touch(plane, ports);
        });
  }

  /** Ends it from another thread. */
  void cancel() throws IOException {
    cancelled = true;
    if (check != null) {
      check.cancel();
    }
  }
}
