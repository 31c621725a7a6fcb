package dev.architekt.node.doctor;

import dev.architekt.linux.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A host made of a folder: files, scripts as programs, and a kernel that fails on demand. */
final class FakeHost implements Host {
  private final Path root;
  private final LocalHost files;
  private final Map<String, String> failures = new HashMap<>();
  private final Map<String, String> kinds = new HashMap<>();
  int kvmVersion = 12;
  long freeBytes = 100L << 30;

  FakeHost(Path root) {
    this.root = root;
    this.files = new LocalHost(root, new FakeKernel());
  }

  /** A host that lacks nothing, with hardware virtualisation by Intel. */
  static FakeHost complete(Path root) throws IOException {
    FakeHost host = new FakeHost(root);
    host.file("/proc/self/status", "Name:\tjava\nUid:\t0\t0\t0\t0\n");
    host.file("/proc/cpuinfo", "flags\t\t: fpu vmx hypervisor\ncpu MHz\t\t: 2100.002\n");
    host.file("/proc/vmstat", "nr_dirty 1\nnr_dirty_background_threshold 1048576\n");
    host.file("/proc/meminfo", "MemTotal:       12582912 kB\nMemFree: 1 kB\n");
    host.file("/dev/kvm", "");
    for (Device device : Device.values()) {
      host.kinds.put(device.path(), device.kind());
    }
    host.file("/sys/module/kvm_intel/parameters/nested", "Y");
    host.program("nft", "nftables v1.0.6 (Lester Gooch #5)");
    host.program("ip", "ip utility, iproute2-6.1.0");
    host.program("qemu-system-x86_64", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)");
    host.program("mmdebstrap", "mmdebstrap 1.3.5");
    host.program("mke2fs", "mke2fs 1.47.0 (5-Feb-2023)");
    host.program("busybox", "BusyBox v1.35.0");
    return host;
  }

  void file(String path, String text) throws IOException {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  void program(String name, String output) throws IOException {
    script(name, "echo '" + output + "'");
  }

  void script(String name, String body) throws IOException {
    file("/usr/bin/" + name, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(
        root.resolve("usr/bin/" + name), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  void remove(String path) throws IOException {
    Files.delete(root.resolve(path.substring(1)));
  }

  /**
   * From now on {@code what} (a device, a library, "fuse", "namespace", "kvm") fails with {@code
   * message}.
   */
  void fails(String what, String message) {
    failures.put(what, message);
  }

  /** From now on {@code path} is a thing of this kind. */
  void kind(String path, String kind) {
    kinds.put(path, kind);
  }

  @Override
  public Optional<String> kind(String path) {
    return Optional.ofNullable(kinds.get(path));
  }

  @Override
  public boolean exists(String path) {
    return files.exists(path);
  }

  @Override
  public Optional<String> text(String path) {
    return files.text(path);
  }

  @Override
  public long freeBytes(Path path) {
    return freeBytes;
  }

  @Override
  public Optional<List<String>> run(String program, String... arguments) {
    return files.run(program, arguments);
  }

  @Override
  public Kernel kernel() {
    return files.kernel();
  }

  private final class FakeKernel implements Kernel {
    private void check(String what) throws IOException {
      if (failures.containsKey(what)) {
        throw new IOException(failures.get(what));
      }
    }

    @Override
    public void open(String device) throws IOException {
      check(device);
    }

    @Override
    public int kvmVersion() throws IOException {
      check("kvm");
      return kvmVersion;
    }

    @Override
    public void fuse() throws IOException {
      check("fuse");
    }

    @Override
    public boolean has(Library library) {
      return !failures.containsKey(library.file());
    }

    @Override
    public void networkNamespace() throws IOException {
      check("namespace");
    }
  }
}
