package dev.architekt.it.guest;

import dev.architekt.node.blueprint.Blueprint;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The blueprints that VM tests boot; built once, kept under {@code .build/guests}, rebuilt when an
 * input changes.
 */
public final class Guests {
  /** Where the proof guest answers each connection with a line of JSON about itself. */
  public static final int IDENTITY_PORT = 7003;

  private static final String IDENTITY_SERVICE =
      """
      #!/bin/sh
      [ ! -e /run/architekt/broken ] || exec sleep 3600
      exec nc -ll -p 7003 -e /usr/local/bin/identity
      """;

  /** Any word but a question mark is written to the disk called data, if there is one. */
  private static final String IDENTITY =
      """
      #!/bin/sh
      read -r word
      disk=/dev/disk/by-id/virtio-disk-data
      [ "$word" = '?' ] || { echo "$word" | dd of=$disk bs=4096 seek=1 conv=notrunc,fsync; } 2>/dev/null
      field() { printf '"%s": "%s", ' "$1" "$2"; }
      printf '{'
      field machineId "$(cat /etc/machine-id)"
      field name "$(cat /proc/sys/kernel/hostname)"
      field uuid "$(cat /sys/class/dmi/id/product_uuid)"
      field boot "$(cat /proc/sys/kernel/random/boot_id)"
      field card "$(cat /sys/class/net/eth0/address)"
      field random "$(cat /proc/sys/kernel/random/uuid)"
      field data "$(head -n 1 $disk 2>/dev/null)"
      field written "$(dd if=$disk bs=4096 skip=1 count=1 2>/dev/null | head -n 1)"
      printf '"cpus": %s}\\n' "$(nproc)"
      """;

  /** A service that does not survive a resume, when the kernel's command line asks for it. */
  private static final String BREAK =
      """
      #!/bin/sh
      grep -q break-after-resume /proc/cmdline || exit 0
      : >/run/architekt/broken
      pkill -f 'nc -ll -p 7003'
      """;

  private Guests() {}

  public static Blueprint redis() throws IOException, InterruptedException {
    return build("redis", null, "redis-server");
  }

  /** RAM and disk hold a changing pattern that is checked all the time. */
  public static Blueprint memcheck() throws IOException, InterruptedException {
    Path overlay =
        GuestPrograms.overlay(
            folder("memcheck-overlay"), "memcheck", "-share", "0.6", "-disk-mib", "16");
    return build("memcheck", overlay);
  }

  /**
   * Redis for clients to write to, and beside it a checker of most of the RAM and of a file on the
   * disk, with a short rest now and then so that Redis gets its share of the processor. On {@link
   * #IDENTITY_PORT} it says who it is.
   */
  public static Blueprint proof() throws IOException, InterruptedException {
    Path overlay =
        GuestPrograms.overlay(
            folder("proof-overlay"),
            "memcheck",
            "-share",
            "0.6",
            "-disk-mib",
            "4",
            "-pause",
            "5ms");
    executable(overlay.resolve("etc/architekt/services/identity"), IDENTITY_SERVICE);
    executable(overlay.resolve("usr/local/bin/identity"), IDENTITY);
    executable(overlay.resolve("etc/architekt/new-instance.d/90-break"), BREAK);
    Files.writeString(overlay.resolve("etc/architekt/hostname"), "proof-%i\n");
    return build("proof", overlay, "redis-server");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Computes as fast as it can. */
  public static Blueprint burn() throws IOException, InterruptedException {
    return build("burn", GuestPrograms.overlay(folder("burn-overlay"), "burn", "-mode", "cpu"));
  }

  /** One Debian service, as the product makes it when nobody says more than its name. */
  public static Blueprint service(String name) throws IOException, InterruptedException {
    return build(name, null, name);
  }

  /** A web server with a large file, and with more requests a connection than the usual 1,000. */
  public static Blueprint webServer(byte[] large) throws IOException, InterruptedException {
    Path overlay = folder("nginx-overlay");
    write(overlay.resolve("var/www/html/large"), large);
    write(
        overlay.resolve("etc/nginx/conf.d/patience.conf"),
        "keepalive_requests 1000000;\n".getBytes(StandardCharsets.UTF_8));
    return build("nginx", overlay, "nginx");
  }

  /** A database with a role that may come from outside, made by a script in the root. */
  public static Blueprint database(String role) throws IOException, InterruptedException {
    Path script = folder("make-role.sh");
    write(
        script,
        """
        #!/bin/sh
        set -e
        pg_ctlcluster 15 main start
        su postgres -c psql <<SQL
        create role %1$s login password '%1$s';
        create database %1$s owner %1$s;
        SQL
        pg_ctlcluster 15 main stop
        """
            .formatted(role)
            .getBytes(StandardCharsets.UTF_8));
    var options = Blueprint.Options.of(folder("postgresql"), "postgresql").withScripts(script);
    return build("postgresql", options);
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  static Path folder(String name) {
    return GuestPrograms.projectRoot().resolve(".build/guests").resolve(name);
  }

  private static synchronized Blueprint build(String name, Path overlay, String... packages)
      throws IOException, InterruptedException {
    var options = Blueprint.Options.of(folder(name), packages);
    if (overlay != null) {
      options = options.withOverlay(overlay);
    }
    return build(name, options);
  }

  private static synchronized Blueprint build(String name, Blueprint.Options options)
      throws IOException, InterruptedException {
    return Blueprint.build(options, line -> System.err.println("guest " + name + ": " + line));
  }
}
