package dev.architekt.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Pidfd;
import dev.architekt.linux.UnixSockets;
import dev.architekt.region.LocalStore;
import dev.architekt.region.Region;
import dev.architekt.region.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What QEMU and libnbd think of this server. */
@Timeout(180)
class RealClientsTest {
  private static final int SIZE = 64 << 20;
  @TempDir Path temp;
  private Path socket;
  private String uri;

  @BeforeEach
  void names() {
    socket = temp.resolve("nbd.sock");
    uri = "nbd+unix:///disk?socket=" + socket;
  }

  private LocalStore store(LocalStore.Start start) throws Exception {
    return LocalStore.create(temp.resolve("store"), "vm", SIZE, start, StoreOptions.failing());
  }

  private NbdServer serve(Region region) throws Exception {
    return NbdServer.serve(UnixSockets.listen(socket, 8), "disk", region, NbdOptions.writable());
  }

  @Test
  void libnbdSeesWhatIsOffered() throws Exception {
    Tools.require("nbdinfo");
    try (LocalStore store = store(LocalStore.Start.PRESENT);
        NbdServer server = serve(store)) {
      Tools.Result info = Tools.run(temp, "nbdinfo", uri);
      assertThat(info.status()).as(info.output()).isZero();
      assertThat(info.output())
          .contains("structured packets")
          .contains("export-size: " + SIZE)
          .contains("can_multi_conn: true")
          .contains("can_fast_zero: true")
          .contains("can_cache: true")
          .contains("block_size_preferred: 4096")
          .contains("block_size_maximum: 33554432")
          .contains("base:allocation");
      Tools.Result list = Tools.run(temp, "nbdinfo", "--list", uri);
      assertThat(list.output()).contains("export=\"disk\"");
      Tools.Result map = Tools.run(temp, "nbdinfo", "--map", uri);
      assertThat(map.output()).contains("hole,zero");
      Tools.Result other = Tools.run(temp, "nbdinfo", "nbd+unix:///other?socket=" + socket);
      assertThat(other.status()).isNotZero();
    }
  }

  @Test
  void nbdcopyCopiesBothWaysOverSeveralConnections() throws Exception {
    Tools.require("nbdcopy");
    Path source = temp.resolve("source");
    byte[] bytes = Bytes.random(1, SIZE);
    java.util.Arrays.fill(bytes, 10 << 20, 30 << 20, (byte) 0);
    Files.write(source, bytes);
    try (LocalStore store = store(LocalStore.Start.PRESENT);
        NbdServer server = serve(store)) {
      Tools.Result in =
          Tools.run(
              temp, "nbdcopy", "--connections=4", "--threads=4", "--flush", source.toString(), uri);
      assertThat(in.status()).as(in.output()).isZero();
      assertThat(server.accepted()).isGreaterThanOrEqualTo(4);
      Path target = temp.resolve("target");
      Tools.Result out = Tools.run(temp, "nbdcopy", uri, target.toString());
      assertThat(out.status()).as(out.output()).isZero();
      assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    }
  }

  @Test
  void qemuToolsConvertCompareAndMap() throws Exception {
    Tools.require("qemu-img", "qemu-io");
    Path source = temp.resolve("source");
    Files.write(source, Bytes.join(Bytes.random(2, 5 << 20), new byte[SIZE - (5 << 20)]));
    try (LocalStore store = store(LocalStore.Start.PRESENT);
        NbdServer server = serve(store)) {
      Tools.Result convert =
          Tools.run(
              temp, "qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source.toString(), uri);
      assertThat(convert.status()).as(convert.output()).isZero();
      Tools.Result compare =
          Tools.run(temp, "qemu-img", "compare", "-f", "raw", "-F", "raw", source.toString(), uri);
      assertThat(compare.output()).contains("identical");
      Tools.Result map = Tools.run(temp, "qemu-img", "map", "--output=json", "-f", "raw", uri);
      assertThat(map.output()).contains("\"zero\": true");
      Tools.Result io =
          Tools.run(
              temp,
              "qemu-io",
              "-f",
              "raw",
              "-c",
              "write -P 0x11 0 64k",
              "-c",
              "write -z 16k 16k",
              "-c",
              "write -zu 32k 16k",
              "-c",
              "discard 48k 8k",
              "-c",
              "flush",
              "-c",
              "read -P 0x11 0 16k",
              "-c",
              "read -P 0 16k 32k",
              "-c",
              "write -P 0x22 1000 3000",
              "-c",
              "read -P 0x22 1000 3000",
              "-c",
              "aio_write -P 0x33 1M 2M",
              "-c",
              "aio_read -P 0x11 0 512",
              "-c",
              "aio_flush",
              "-c",
              "read -P 0x33 1M 2M",
              uri);
      assertThat(io.status()).as(io.output()).isZero();
      assertThat(io.output()).doesNotContain("failed").doesNotContain("error");
      assertThat(Bytes.read(store, 1 << 20, 4096)).containsOnly(0x33);
    }
  }

  @Test
  void qemuDoesNotNoticeThatTheServerWasKilledInTheMiddleOfItsWrites() throws Exception {
    Tools.require("qemu-io");
    Path ready = temp.resolve("ready");
    Process server =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(
                    ":",
                    root(Fd.class),
                    root(Region.class),
                    root(NbdServer.class),
                    root(getClass())),
                KilledServer.class.getName(),
                temp.resolve("store").toString(),
                socket.toString(),
                ready.toString())
            .inheritIO()
            .start();
    while (!Files.exists(ready)) {
      assertThat(server.isAlive()).isTrue();
      Thread.sleep(10);
    }
    int number = Integer.parseInt(Files.readString(ready).strip());
    try (Pidfd process = Pidfd.open(server.pid())) {
      // As the machine's process would: hold the listening socket from the beginning.
      Fd listener = process.descriptor(number);
      java.util.List<String> command =
          new java.util.ArrayList<>(java.util.List.of("qemu-io", "--image-opts"));
      for (int i = 0; i < 64; i++) {
        command.add("-c");
        command.add("aio_write -P " + (i + 1) + " " + i + "M 1M");
      }
      command.addAll(java.util.List.of("-c", "aio_flush", "-c", "flush"));
      for (int i = 0; i < 64; i++) {
        command.add("-c");
        command.add("read -P " + (i + 1) + " " + i + "M 1M");
      }
      command.add(
          "driver=nbd,server.type=unix,server.path=" + socket + ",export=disk,reconnect-delay=600");
      Path output = temp.resolve("qemu-io.txt");
      Process client = Tools.start(output, command.toArray(String[]::new));
      Thread.sleep(300);
      process.signal(Pidfd.SIGKILL);
      server.waitFor();
      assertThat(client.isAlive()).as(Files.readString(output)).isTrue();
      try (LocalStore store = LocalStore.open(temp.resolve("store"), "vm", StoreOptions.failing());
          NbdServer successor = NbdServer.serve(listener, "disk", store, NbdOptions.writable())) {
        assertThat(client.waitFor(100, TimeUnit.SECONDS)).isTrue();
        assertThat(client.exitValue()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(output))
            .doesNotContain("verification failed")
            .doesNotContain("error");
        assertThat(successor.accepted()).isGreaterThanOrEqualTo(1);
        assertThat(store.dirtyCount()).isEqualTo(SIZE / 4096);
      }
    }
  }

  private static String root(Class<?> type) throws Exception {
    String name = type.getName().replace('.', '/') + ".class";
    Path file = Path.of(type.getResource("/" + name).toURI());
    for (int i = name.split("/").length; i > 0; i--) {
      file = file.getParent();
    }
    return file.toString();
  }
}
