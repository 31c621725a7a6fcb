package dev.architekt.it.vm;

import dev.architekt.cli.lab.Shell;
import dev.architekt.it.guest.Guests;
import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * The one booted guest that all tests of moves share: Redis, and a checker of RAM and disk.
 * Packaged once, kept under {@code .build/guests}, packaged anew when its blueprint or what boots
 * it changes.
 */
public final class ProofPackage {
  static final int MEMORY_MIB = 192;
  static final Path ARCHITEKT = GuestPrograms.projectRoot().resolve("architekt");

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private ProofPackage() {}

  public static synchronized Path get() throws IOException, InterruptedException {
    return get("proof", Guests.proof(), MEMORY_MIB);
  }

  /** The package of another guest, kept in the same way. */
  static synchronized Path get(String name, Blueprint blueprint, int memoryMiB)
      throws IOException, InterruptedException {
    Path folder = GuestPrograms.projectRoot().resolve(".build/guests");
    Path ark = folder.resolve(name + "-" + memoryMiB + ".ark");
    Path inputs = folder.resolve(name + "-" + memoryMiB + ".inputs");
    String wanted = digest(blueprint);
    if (Files.exists(ark) && Files.exists(inputs) && Files.readString(inputs).equals(wanted)) {
      return ark;
    }
    Files.deleteIfExists(inputs);
    Path fresh = folder.resolve(name + "-" + memoryMiB + ".new.ark");
    Files.deleteIfExists(fresh);
    Shell.run(
        LIMIT,
        List.of(
            ARCHITEKT.toString(),
            "packager",
            "--kernel-input-path",
            blueprint.kernel().toString(),
            "--initramfs-input-path",
            blueprint.initramfs().toString(),
            "--disk-input-path",
            blueprint.disk().toString(),
            "--memory-size",
            Integer.toString(memoryMiB),
            "--package-output-path",
            fresh.toString()));
    Files.move(fresh, ark, StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(inputs, wanted);
    return ark;
  }

  /** Of the guest, and of the rooms that boot it and write packages. */
  private static String digest(Blueprint blueprint) throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(Files.readAllBytes(blueprint.directory().resolve(Blueprint.MANIFEST)));
      for (String room : List.of("archive", "hypervisor-qemu")) {
        Path sources = GuestPrograms.projectRoot().resolve(room).resolve("src/main");
        try (var files = Files.walk(sources)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            sha.update(file.toString().getBytes(StandardCharsets.UTF_8));
            sha.update(Files.readAllBytes(file));
          }
        }
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
