package dev.architekt.node;

import dev.architekt.migration.message.Message;
import dev.architekt.migration.wire.WireOptions;
import dev.architekt.mount.FuseMount;
import dev.architekt.mount.MountOptions;
import dev.architekt.node.engine.Rehearsal;
import dev.architekt.node.identity.Security;
import dev.architekt.node.instance.Stores;
import dev.architekt.node.state.InstanceSpec;
import dev.architekt.region.LocalStore;
import dev.architekt.region.StoreOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Touches what a start needs, for the recording of the class cache; does nothing to the host. */
public final class Warmup {
  private static final long BYTES = 1 << 20;

  private Warmup() {}

  public static void run() {
    InstanceSpec spec =
        new InstanceSpec(
            "00000000-0000-0000-0000-000000000000",
            "warmup",
            1,
            1 << 20,
            "pc-q35-7.2",
            "qemu64",
            "tcg",
            "",
            "52:54:00:00:00:01",
            "",
            "",
            List.of(),
            null,
            false,
            false);
    try {
      InstanceSpec.fromJson(spec.toJson(), "warm-up");
    } catch (IOException e) {
      throw new IllegalStateException("the warm-up's own description cannot be read", e);
    }
    List<Class<?>> wanted = List.of(Message.class, Registry.class, Output.class);
    for (Class<?> type : wanted) {
      for (Class<?> inner : type.getDeclaredClasses()) {
        inner.getDeclaredMethods();
      }
    }
    rehearse();
  }

  /** Needs what a peer needs (root, /dev/fuse); without it the cache holds less. */
  private static void rehearse() {
    try {
      Path directory = Files.createTempDirectory("architekt-rehearsal-");
      try {
        Rehearsal.run(directory.resolve("move"), strangerToAll(directory.resolve("identity")));
        mount(directory.resolve("mount"));
      } finally {
        Stores.delete(directory);
      }
    } catch (IOException e) {
      System.getLogger(Warmup.class.getName())
          .log(System.Logger.Level.DEBUG, "no rehearsal: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static WireOptions strangerToAll(Path folder) throws IOException {
    Security.Options options = new Security.Options(Optional.of(folder), Optional.empty(), false);
    Output nobody = new Output(new PrintStream(OutputStream.nullOutputStream()), true, false);
    return Security.open(options, true, false, InstantSource.system(), nobody).wire("warm-up");
  }

  private static void mount(Path directory) throws IOException {
    try (LocalStore store =
            LocalStore.create(
                directory, "warm-up", BYTES, LocalStore.Start.ABSENT, StoreOptions.failing());
        FuseMount mount =
            FuseMount.create(store, MountOptions.defaults().withName("warm-up").withReaders(1))) {
      mount.storeZeroes(0, BYTES);
    }
  }
}
