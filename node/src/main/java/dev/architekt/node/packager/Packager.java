package dev.architekt.node.packager;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.hypervisor.Machine;
import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.node.blueprint.BlueprintManifest;
import dev.architekt.node.doctor.Accelerators;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.Blobs;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Owner;
import dev.architekt.node.instance.StatusFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Boots a blueprint, waits until its service answers, suspends it, and writes one package. */
public final class Packager {
  static final String MACHINE_TYPE = "pc-q35-7.2";
  static final String CPU_MODEL = "qemu64";
  static final String GUEST_MAC = "52:54:00:61:72:6b";
  private static final String ROLE = "packager";
  private static final String LIVE = "ARCHITEKT-LIVE";
  private static final long PAGE = 4096;

  private final PackagerOptions options;
  private final Output output;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private Thread writing;

  public Packager(PackagerOptions options, Output output) {
    this.options = options;
    this.output = output;
  }

  /** Makes the package; nothing is left behind when it fails. */
  public void run() throws Exception {
    requireInputs();
    Path folder = options.output().toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path work = Files.createTempDirectory(folder, ".packager-");
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::stopAndWait));
    try {
      StateDirectory state = StateDirectory.open(work);
      Owner.claim(state);
      Host host =
          new Host(
              state,
              options.qemu(),
              options.namespacePrefix(),
              options.hostVeths(),
              options.namespaceVeths(),
              Optional.empty(),
              output);
      make(host);
    } catch (IOException | InterruptedException e) {
      if (stopAsked.getCount() > 0) {
        throw e;
      }
      // Whatever it met while it was being ended, this is the reason; told before the JVM may end.
      output.event("stopped", "stopped; no package was written");
      throw new InterruptedException();
    } finally {
      delete(work);
      ended.countDown();
    }
  }

  private void stopAndWait() {
    stopAsked.countDown();
    interruptWriting();
    try {
      ended.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Packing takes long, and is the only step that may be interrupted. */
  private synchronized void interruptWriting() {
    if (writing != null) {
      writing.interrupt();
    }
  }

  private synchronized void beginWriting() throws InterruptedException {
    if (stopAsked.getCount() == 0) {
      throw new InterruptedException();
    }
    writing = Thread.currentThread();
  }

  private synchronized void endWriting() {
    writing = null;
    Thread.interrupted(); // what follows is cleaning up
  }

  private void requireInputs() throws IOException {
    for (Path input : List.of(options.kernel(), options.initramfs(), options.disk())) {
      if (!Files.isRegularFile(input)) {
        throw new IOException(
            input
                + " does not exist; build it with: "
                + CommandName.typed()
                + " blueprint --package NAME");
      }
    }
    if (Files.size(options.disk()) % PAGE != 0) {
      throw new IOException(
          options.disk()
              + " has "
              + Files.size(options.disk())
              + " bytes, expected whole pages of "
              + PAGE);
    }
  }

  private void make(Host host) throws Exception {
    StatusFile status = new StatusFile(host.state());
    status.write(ROLE, "packaging", "copies the disk", null);
    InstanceSpec spec = spec(host);
    Stores stores = Stores.create(host, spec, LocalStore.Start.PRESENT);
    DiskCopy.run(options.disk(), stores.disk("disk"));
    try (DataPlane plane = DataPlane.create(host, spec, stores)) {
      plane.boot();
      plane.machine().resume();
      status.write(ROLE, "packaging", "waits until the service answers", plane);
      output.event("booted", "booting " + spec.name() + "; waiting until its service answers");
      awaitLive(plane.machine());
      suspend(plane);
      status.write(ROLE, "packaging", "writes " + options.output(), plane);
      byte[] state = saveState(plane.machine());
      plane.flush();
      write(plane, state);
    }
  }

  private InstanceSpec spec(Host host) throws IOException {
    byte[] kernel = Files.readAllBytes(options.kernel());
    byte[] initramfs = Files.readAllBytes(options.initramfs());
    Blobs.put(host.state(), digest(kernel), ByteBuffer.wrap(kernel), "kernel");
    Blobs.put(host.state(), digest(initramfs), ByteBuffer.wrap(initramfs), "initramfs");
    Accelerators.Choice accelerator = Accelerators.choose(options.accelerator());
    output.event(
        "accelerator",
        "accelerator " + accelerator.accelerator().id() + ": " + accelerator.reason());
    Optional<BlueprintManifest> blueprint = blueprint();
    String commandLine =
        blueprint.map(BlueprintManifest::commandLine).orElse("console=ttyS0")
            + (options.bootArgs().isBlank() ? "" : " " + options.bootArgs());
    Map<String, List<String>> hooks = blueprint.map(BlueprintManifest::hooks).orElse(Map.of());
    String name = blueprint.map(Packager::name).orElse("vm");
    return new InstanceSpec(
        UUID.randomUUID().toString(),
        name,
        options.cpus(),
        options.memoryBytes(),
        MACHINE_TYPE,
        CPU_MODEL,
        accelerator.accelerator().id(),
        commandLine,
        GUEST_MAC,
        digest(kernel),
        digest(initramfs),
        List.of(new InstanceSpec.Disk("disk", Files.size(options.disk()))),
        null,
        !hooks.getOrDefault("before-suspend", List.of()).isEmpty(),
        !hooks.getOrDefault("after-resume", List.of()).isEmpty());
  }

  /** What the blueprint says of itself, when the inputs come from one folder of one. */
  private Optional<BlueprintManifest> blueprint() throws IOException {
    Path folder = options.kernel().toAbsolutePath().getParent();
    return Files.exists(folder.resolve(Blueprint.MANIFEST))
        ? Optional.of(Blueprint.open(folder).manifest())
        : Optional.empty();
  }

  private static String name(BlueprintManifest blueprint) {
    return blueprint.services().isEmpty() ? "vm" : blueprint.services().getFirst();
  }

  /**
   * The guest says on its console when its service answers; its liveness hooks decide what that
   * means.
   */
  private void awaitLive(Machine machine) throws IOException, InterruptedException {
    long began = System.nanoTime();
    long limit = options.livenessTimeout().toNanos();
    while (System.nanoTime() - began < limit) {
      if (stopAsked.await(100, TimeUnit.MILLISECONDS)) {
        throw new IOException("stopped; no package was written");
      }
      if (machine.consoleTail(200).contains(LIVE)) {
        output.event(
            "live",
            "the service answers, " + Output.millis(System.nanoTime() - began) + " after power-on",
            "bootMs",
            (System.nanoTime() - began) / 1e6);
        return;
      }
      if (!machine.isAlive()) {
        throw new IOException(
            "the VM ended before its service answered; the end of its console:\n"
                + machine.consoleTail(30));
      }
    }
    throw new IOException(
        "the service did not answer within "
            + options.livenessTimeout().toSeconds()
            + " s (--liveness-timeout); no package was written. The end of the guest's console:\n"
            + machine.consoleTail(30));
  }

  private void suspend(DataPlane plane) throws IOException {
    plane.machine().agent().ping(options.resumeTimeout());
    Guest.beforeSuspend(plane);
    plane.machine().pause();
    plane.mount().collect();
  }

  private static byte[] saveState(Machine machine) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    machine.saveState(Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private void write(DataPlane plane, byte[] state) throws IOException, InterruptedException {
    InstanceSpec spec = plane.spec();
    Optional<BlueprintManifest> blueprint = blueprint();
    Manifest manifest =
        Manifests.of(
            spec, blueprint, options.qemu(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    try (ArkWriter writer = new ArkWriter(manifest)) {
      writer.add("config", spec.toJson());
      writer.add("kernel", Blobs.path(plane.host().state(), spec.kernelDigest()));
      writer.add("initramfs", Blobs.path(plane.host().state(), spec.initramfsDigest()));
      writer.add("memory", plane.stores().memory());
      writer.add("disk", plane.stores().disk("disk"));
      writer.add("state", state);
      ArkWriter.Written written = write(writer);
      output.event(
          "packaged",
          options.output()
              + ": "
              + Output.bytes(written.sizeBytes())
              + " for "
              + Output.bytes(spec.memoryBytes())
              + " of RAM and "
              + Output.bytes(spec.disks().getFirst().size())
              + " of disk; serve it with: "
              + CommandName.typed()
              + " registry --package-path "
              + options.output(),
          "path",
          options.output().toString(),
          "bytes",
          written.sizeBytes());
    }
  }

  private ArkWriter.Written write(ArkWriter writer) throws IOException, InterruptedException {
    beginWriting();
    try {
      return writer.write(
          options.output(), (done, total) -> output.progress("packaging", done, total));
    } finally {
      endWriting();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static String digest(byte[] content) {
    return Blobs.digest(ByteBuffer.wrap(content));
  }
}
