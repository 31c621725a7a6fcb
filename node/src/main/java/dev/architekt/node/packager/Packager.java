package dev.architekt.node.packager;

import dev.architekt.archive.ArkWriter;
import dev.architekt.archive.Manifest;
import dev.architekt.node.CommandName;
import dev.architekt.node.Output;
import dev.architekt.node.engine.Guest;
import dev.architekt.node.instance.DataPlane;
import dev.architekt.node.instance.Host;
import dev.architekt.node.instance.Owner;
import dev.architekt.node.instance.StatusFile;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.peer.TouchTrace;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.node.state.ProcessLimits;
import dev.architekt.node.state.StateDirectory;
import dev.architekt.region.LocalStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Boots a blueprint, waits until its service answers, suspends it, and writes one package. */
public final class Packager {
  private static final String ROLE = "packager";

  private final PackagerOptions options;
  private final Output output;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Liveness liveness;
  private final Inputs inputs;
  private Thread writing;
  private Rerun rerun;

  public Packager(PackagerOptions options, Output output) {
    this.options = options;
    this.output = output;
    this.liveness = new Liveness(options, stopAsked);
    this.inputs = new Inputs(options);
  }

  /** Makes the package; nothing is left behind when it fails. */
  public void run() throws Exception {
    inputs.require();
    Path folder = options.output().toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path work = Files.createTempDirectory(folder, ".packager-");
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::stopAndWait));
    try {
      StateDirectory state = StateDirectory.open(work.resolve("boot"));
      Owner.claim(state);
      make(host(state, output), work);
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

  private Host host(StateDirectory state, Output heard) {
    return new Host(
        state,
        options.qemu(),
        options.namespacePrefix(),
        options.hostVeths(),
        options.namespaceVeths(),
        Optional.empty(),
        ProcessLimits.NONE,
        heard);
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

  /** Copying and packing take long, and may be interrupted; a guest that runs again is ended. */
  private synchronized void interruptWriting() {
    if (writing != null) {
      writing.interrupt();
    }
    if (rerun != null) {
      try {
        rerun.cancel();
      } catch (IOException e) {
        output.event("cancel-failed", "warning: " + e.getMessage());
      }
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

  private void make(Host host, Path work) throws Exception {
    StatusFile status = new StatusFile(host.state());
    status.write(ROLE, "packaging", "copies the disk", null);
    InstanceSpec spec = inputs.spec(host);
    Stores stores = Stores.create(host, spec, LocalStore.Start.PRESENT);
    copyDisks(stores);
    try (DataPlane plane = DataPlane.create(host, spec, stores)) {
      status.write(ROLE, "packaging", "waits until the service answers", plane);
      byte[] state = snapshot(plane);
      Manifest manifest = inputs.manifest(spec);
      Optional<TouchTrace> trace = Optional.empty();
      if (options.record()) {
        status.write(ROLE, "packaging", "resumes it and records what it touches", plane);
        trace = Optional.of(record(plane, state, manifest, work));
      }
      status.write(ROLE, "packaging", "writes " + options.output(), plane);
      PackageFile file = new PackageFile(work, options.output());
      ArkWriter.Written written =
          write(file, manifest, plane, state, trace.map(t -> t.encode(stores.names())));
      if (options.resumeCheck()) {
        status.write(ROLE, "packaging", "resumes the guest from the package", plane);
        check(file, manifest, work);
      }
      if (stopAsked.getCount() == 0) {
        throw new InterruptedException();
      }
      file.publish();
      say(written, spec);
    }
  }

  private void copyDisks(Stores stores) throws IOException, InterruptedException {
    for (Map.Entry<String, Path> image : inputs.images().entrySet()) {
      beginWriting();
      try {
        String what = "copying " + image.getValue().getFileName();
        DiskCopy.run(
            image.getValue(),
            stores.disk(image.getKey()),
            (done, total) -> output.progress(what, done, total));
      } finally {
        endWriting();
      }
    }
  }

  /** Boots it, and suspends it once its service answers; the state of its devices. */
  private byte[] snapshot(DataPlane plane) throws IOException, InterruptedException {
    plane.boot();
    try (ConsoleFeed _ =
        options.console() ? ConsoleFeed.start(plane.machine().console(), output) : null) {
      long began = System.nanoTime();
      plane.machine().resume();
      output.event(
          "booted", "booting " + plane.spec().name() + "; waiting until its service answers");
      liveness.awaitBooted(plane);
      long took = System.nanoTime() - began;
      output.event(
          "live",
          "the service answers, " + Output.millis(took) + " after power-on",
          "bootMs",
          took / 1e6);
      suspend(plane);
    }
    ByteArrayOutputStream state = new ByteArrayOutputStream();
    plane.machine().saveState(Channels.newChannel(state));
    plane.killMachine();
    plane.flush();
    return state.toByteArray();
  }

  private void suspend(DataPlane plane) throws IOException {
    plane.machine().agent().ping(options.resumeTimeout());
    Guest.beforeSuspend(plane);
    plane.machine().pause();
    plane.mount().collect();
  }

  private TouchTrace record(DataPlane plane, byte[] state, Manifest manifest, Path work)
      throws Exception {
    output.event("recording", "resuming it once to record what it touches first");
    try {
      TouchTrace trace = rerun("record", manifest, work).record(plane, state);
      output.event(
          "recorded",
          trace.pages() + " pages were touched until the service answered",
          "pages",
          trace.pages());
      return trace;
    } catch (IOException e) {
      throw notResumed(e, "");
    } finally {
      endRerun();
    }
  }

  private void check(PackageFile file, Manifest manifest, Path work) throws Exception {
    long began = System.nanoTime();
    output.event("checking", "resuming the guest once from the package");
    try {
      rerun("check", manifest, work).check(file.fresh());
      long took = System.nanoTime() - began;
      output.event(
          "resumed", "it resumed and serves, after " + Output.millis(took), "resumeMs", took / 1e6);
    } catch (IOException e) {
      throw notResumed(e, "; --no-resume-check would write it all the same");
    } finally {
      endRerun();
    }
  }

  private static IOException notResumed(IOException cause, String advice) {
    return new IOException(
        "the guest does not serve once it has been suspended and resumed, so no package was written"
            + advice
            + ": "
            + cause.getMessage(),
        cause);
  }

  private synchronized Rerun rerun(String name, Manifest manifest, Path work)
      throws IOException, InterruptedException {
    if (stopAsked.getCount() == 0) {
      throw new InterruptedException();
    }
    // What a peer would say while it starts, nobody has asked for here.
    Output unheard = new Output(new PrintStream(OutputStream.nullOutputStream()), false, false);
    List<Integer> ports =
        manifest.services().stream()
            .filter(service -> service.protocol().equals("tcp"))
            .map(Manifest.Service::port)
            .toList();
    StateDirectory state = StateDirectory.open(work.resolve(name));
    rerun = new Rerun(host(state, unheard), options, liveness, ports);
    return rerun;
  }

  private synchronized void endRerun() {
    rerun = null;
  }

  private ArkWriter.Written write(
      PackageFile file, Manifest manifest, DataPlane plane, byte[] state, Optional<byte[]> trace)
      throws IOException, InterruptedException {
    beginWriting();
    try {
      return file.write(
          manifest,
          plane,
          state,
          trace,
          (done, total) -> output.progress("packaging", done, total));
    } finally {
      endWriting();
    }
  }

  private void say(ArkWriter.Written written, InstanceSpec spec) {
    long disks = spec.disks().stream().mapToLong(InstanceSpec.Disk::size).sum();
    output.event(
        "packaged",
        options.output()
            + ": "
            + Output.bytes(written.sizeBytes())
            + " for "
            + Output.bytes(spec.memoryBytes())
            + " of RAM and "
            + Output.bytes(disks)
            + " of disk; serve it with: "
            + CommandName.typed()
            + " registry --package-path "
            + options.output(),
        "path",
        options.output().toString(),
        "bytes",
        written.sizeBytes());
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
