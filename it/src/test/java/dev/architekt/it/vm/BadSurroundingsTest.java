package dev.architekt.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.cli.lab.Role;
import dev.architekt.cli.lab.Shell;
import dev.architekt.cli.lab.Topology;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What goes wrong around a peer: each gets a message that says what, where and what to do, an exit
 * status that is not zero, a VM that still runs where there was one, and nothing left behind.
 */
@Tag("vm")
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadSurroundingsTest {
  @BeforeAll
  static void packageTheGuest() throws Exception {
    ProofPackage.get();
  }

  private static final Duration SOON = Duration.ofSeconds(60);

  // --- the host lacks something -----------------------------------------------------------------

  @Test
  void withoutRootItSaysWhatItNeeds() throws Exception {
    Lab.run(
        "root",
        lab -> {
          // A user namespace of its own: the files are still its owner's, the capabilities are
          // gone.
          Shell.Result result =
              architekt(lab, List.of("unshare", "--user"), "peer", "--raddr", "127.0.0.1:1337");
          assertThat(result.status()).as(result.output()).isNotZero();
          assertThat(result.output()).containsIgnoringCase("root");
        });
  }

  @ParameterizedTest
  @CsvSource({"/dev/fuse, modprobe fuse", "/dev/net/tun, modprobe tun"})
  void withoutADeviceItNamesTheDevice(String device, String advice) throws Exception {
    Lab.run(
        "dev",
        lab -> {
          lab.registry(1);
          Path dev = Files.createDirectory(lab.work().resolve("dev"));
          String hide =
              "mount -t tmpfs none "
                  + dev
                  + " && mkdir -p "
                  + dev
                  + "/net "
                  + dev
                  + "/shm"
                  + " && for d in null zero full random urandom tty fuse net/tun; do"
                  + " [ /dev/$d = "
                  + device
                  + " ] || cp -a /dev/$d "
                  + dev
                  + "/$d; done"
                  + " && mount --bind "
                  + dev
                  + " /dev && exec \"$@\"";
          List<String> prefix = new ArrayList<>(lab.topology().enter(lab.topology().node(1)));
          prefix.addAll(List.of("unshare", "--mount", "bash", "-c", hide, "hide"));
          Shell.Result result =
              architekt(lab, prefix, "peer", "--raddr", lab.topology().nodeAddress(1) + ":1337");
          assertThat(result.status()).as(result.output()).isNotZero();
          assertThat(result.output()).contains(device).contains(advice);
          assertThat(lab.leftByMachines()).isEmpty();
        });
  }

  @Test
  void withoutQemuItSaysWhereItLookedAndWhatToInstall() throws Exception {
    Lab.run(
        "noqem",
        lab -> {
          lab.registry(1);
          Role peer = lab.peer(1, "--raddr", registry(lab), "--qemu-bin", "/nowhere/qemu");
          requireFailure(peer, "/nowhere/qemu");
          assertThat(lab.leftByMachines()).isEmpty();
        });
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    Lab.run(
        "port",
        lab -> {
          Path ark = ProofPackage.get();
          lab.registry(1);
          Role second =
              lab.start(
                  "second registry",
                  lab.topology().node(1),
                  Map.of(),
                  "registry",
                  "--package-path",
                  ark.toString());
          requireFailure(second, "1337");
          // A peer finds out before its VM has started.
          Role peer = lab.peer(1, "--raddr", registry(lab), "--laddr", ":1337");
          requireFailure(peer, "1337");
          assertThat(lab.leftByMachines()).isEmpty();
        });
  }

  @Test
  void anAddressThatIsTakenIsNamedAndItsOwnerIsNotDisturbed() throws Exception {
    Lab.run(
        "addr",
        lab -> {
          lab.registry(1);
          lab.newInstance(1);
          Clients clients = Clients.connect(lab, "L1");
          Role second = lab.peer(2, "--raddr", registry(lab), "--address", "10.77.0.50/24");
          requireFailure(second, "10.77.0.50");
          clients.requireNothingNoticed();
        });
  }

  @Test
  void aDirectoryThatIsInUseIsNamed() throws Exception {
    Lab.run(
        "inuse",
        lab -> {
          lab.registry(1);
          Role first = lab.newInstance(1);
          Role second = lab.peer(1, "--raddr", registry(lab), "--laddr", ":1339");
          requireFailure(second, Long.toString(first.pid()));
          assertThat(lab.checker(SOON).path("errors").asLong(-1)).isZero();
        });
  }

  // --- the package ------------------------------------------------------------------------------

  @Test
  void aPackageThatIsCutOffIsRefused() throws Exception {
    Lab.run(
        "cut",
        lab -> {
          Path cut = damaged(lab, (file, length) -> file.setLength(length - 100_000));
          Role registry = registryOf(lab, cut);
          requireFailure(registry, cut.toString());
        });
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0001, 0.5, 0.9999})
  void aFlippedByteOfAPackageNeverReachesAGuest(double where) throws Exception {
    Lab.run(
        "flip",
        lab -> {
          Path flipped =
              damaged(
                  lab,
                  (file, length) -> {
                    long at = (long) (length * where);
                    file.seek(at);
                    int was = file.read();
                    file.seek(at);
                    file.write(was ^ 0x10);
                  });
          Role registry = registryOf(lab, flipped);
          try {
            registry.await("listening", SOON);
          } catch (java.io.IOException e) {
            requireFailure(registry, flipped.toString());
            return;
          }
          // Damage in the pages themselves shows when they are read: the guest never gets them.
          Role peer = lab.peer(1, "--raddr", registry(lab));
          long end = System.nanoTime() + SOON.toNanos();
          while (peer.isAlive() && System.nanoTime() < end && !lab.said(peer, "fetch-failed")) {
            assertThat(lab.said(peer, "complete")).as("a damaged package arrived whole").isFalse();
            TimeUnit.MILLISECONDS.sleep(50);
          }
          assertThat(peer.isAlive() && !lab.said(peer, "fetch-failed"))
              .as("waits in silence")
              .isFalse();
          assertThat(
                  lab.events(peer) + peer.errorText() + lab.events(registry) + registry.errorText())
              .as("what the registry and the peer say")
              .containsAnyOf("digest", "checksum", "damaged");
        });
  }

  private interface Damage {
    void to(RandomAccessFile file, long length) throws java.io.IOException;
  }

  private static Path damaged(Lab lab, Damage damage) throws Exception {
    Path copy = lab.work().resolve("damaged.ark");
    Files.copy(ProofPackage.get(), copy);
    try (var file = new RandomAccessFile(copy.toFile(), "rw")) {
      damage.to(file, file.length());
    }
    return copy;
  }

  private static Role registryOf(Lab lab, Path ark) throws Exception {
    return lab.start(
        "registry",
        lab.topology().node(1),
        Map.of(),
        "registry",
        "--json",
        "--package-path",
        ark.toString());
  }

  // --- the other side ---------------------------------------------------------------------------

  /** HELLO of another version is answered so by whoever speaks the protocol: magic, REFUSE, … */
  private static final byte[] NOT_OURS =
      "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "other protocol", "silent", "cuts off"})
  void aPeerThatIsNoneIsNamedWithWhatItDid(String kind) throws Exception {
    Lab.run(
        "none",
        lab -> {
          try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String raddr = "127.0.0.1:" + server.getLocalPort();
            if (kind.equals("nobody")) {
              server.close();
            } else {
              Thread.ofVirtual().start(() -> serve(server, kind));
            }
            Shell.Result result =
                architekt(lab, List.of(), "peer", "--raddr", raddr, "--resume-timeout", "4");
            assertThat(result.status()).as(result.output()).isNotZero();
            assertThat(result.output()).contains(raddr);
            System.out.println(kind + ": " + result.output());
          }
        });
  }

  private static void serve(ServerSocket server, String kind) {
    List<Socket> open = new ArrayList<>();
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        switch (kind) {
          case "other protocol" -> {
            socket.getOutputStream().write(NOT_OURS);
            socket.getOutputStream().flush();
          }
          case "cuts off" -> socket.close();
          default -> {
            // Silent: keeps the connection and says nothing.
          }
        }
      }
    } catch (java.io.IOException e) {
      // The test closed the server.
      for (Socket socket : open) {
        try {
          socket.close();
        } catch (java.io.IOException f) {
          e.addSuppressed(f);
        }
      }
    }
  }

  @Test
  void twoThatTakeTheSameVmAtOnceAreServedOneAfterTheOtherOrOneIsRefused() throws Exception {
    Lab.run(
        "two",
        lab -> {
          lab.registry(1);
          lab.newInstance(1);
          Clients clients = Clients.connect(lab, "L1");
          Role one = lab.peer(2, "--raddr", lab.raddr(1));
          // The client's place is a host like any other.
          Role other =
              lab.start(
                  "peer 3",
                  lab.topology().client(),
                  Map.of(),
                  "peer",
                  "--json",
                  "--name",
                  "node-3",
                  "--on-stop",
                  "stop",
                  "--cache-base-dir",
                  lab.state(3).toString(),
                  "--namespace-prefix",
                  lab.vmPrefix(),
                  "--raddr",
                  lab.raddr(1));
          long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
          while (one.isAlive() && other.isAlive() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
          }
          Role loser = one.isAlive() ? other : one;
          Role winner = one.isAlive() ? one : other;
          assertThat(loser.isAlive()).as("both go on").isFalse();
          winner.await("running", SOON);
          assertThat(loser.awaitEnd(SOON)).isNotZero();
          assertThat(loser.errorText()).contains(lab.raddr(1));
          assertThat(lab.said(loser, "running")).isFalse();
          clients.awaitCheckedOnceMore(SOON);
          clients.requireNothingNoticedBesideOthers();
        });
  }

  // --- disks ------------------------------------------------------------------------------------

  @Test
  void aNewVmOnAFullDiskWaitsSaysSoAndGoesOnOnceThereIsSpace() throws Exception {
    Lab.run(
        "full",
        lab -> {
          lab.registry(1);
          Path state = small(lab, 1);
          try {
            Role peer =
                lab.peer(1, "--raddr", registry(lab), "--address", Topology.INSTANCE + "/24");
            assertThat(peer.await("disk-full", SOON).path("text").asText())
                .contains(state.toString())
                .contains("free some space");
            Shell.run("mount", "-o", "remount,size=1g", state.toString());
            peer.await("complete", SOON);
            assertThat(lab.checker(SOON).path("errors").asLong(-1)).isZero();
            peer.close();
          } finally {
            Shell.run("umount", "-l", state.toString());
          }
        });
  }

  @Test
  void aFullDiskAtTheDestinationEndsTheMoveAndNotTheVm() throws Exception {
    Lab.run(
        "full",
        lab -> {
          lab.registry(1);
          lab.newInstance(1);
          Clients clients = Clients.connect(lab, "L1");
          Path state = small(lab, 2);
          try {
            Role peer = lab.peer(2, "--raddr", lab.raddr(1));
            requireFailure(peer, "space");
            assertThat(lab.machine(2)).isEmpty();
          } finally {
            Shell.run("umount", "-l", state.toString());
          }
          clients.awaitCheckedOnceMore(SOON);
          clients.requireNothingNoticed();
        });
  }

  /** A state directory with room for less than the guest's RAM. */
  private static Path small(Lab lab, int node) throws Exception {
    Path state = Files.createDirectories(lab.state(node));
    Shell.run("mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "none", state.toString());
    return state;
  }

  // --- signals while it copies ------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"INT, 2", "TERM, 1"})
  void aSignalWhileItCopiesEndsTheMoveAndLeavesNothing(String signal, int node) throws Exception {
    stopsTheMove(signal, node);
  }

  @Tag("full")
  @ParameterizedTest
  @CsvSource({"TERM, 2", "INT, 1"})
  void theOtherSignalsWhileItCopiesToo(String signal, int node) throws Exception {
    stopsTheMove(signal, node);
  }

  private static void stopsTheMove(String signal, int node) throws Exception {
    Lab.run(
        "sign",
        lab -> {
          lab.registry(1);
          Role source = lab.newInstance(1);
          Clients clients = Clients.connect(lab, "L1");
          lab.slow(2, "100mbit");
          Role destination = lab.peer(2, "--raddr", lab.raddr(1), "--strategy", "pre-copy");
          destination.await("prepared", SOON);
          TimeUnit.SECONDS.sleep(1);
          assertThat(lab.said(destination, "running"))
              .as("too fast a line for this test")
              .isFalse();
          Processes.signal(signal, node == 1 ? source.pid() : destination.pid());
          if (node == 2) {
            // The line is full of pages, and its round trip a few milliseconds.
            double after = destination.await("cancelled", SOON).path("afterMs").asDouble();
            System.out.println(signal + " at the destination: cancelled after " + after + " ms");
            assertThat(after).isLessThan(100);
          }
          int status = node == 2 ? (signal.equals("INT") ? 130 : 143) : 1;
          assertThat(destination.awaitEnd(SOON)).as("status of the destination").isEqualTo(status);
          assertThat(lab.events(destination) + destination.errorText()).contains(lab.raddr(1));
          assertThat(lab.machine(2)).isEmpty();
          if (node == 2 || signal.equals("INT")) {
            // Ctrl-C is about the move first.
            source.await("stayed", SOON);
            assertThat(source.isAlive()).isTrue();
            lab.fast(2);
            clients.awaitCheckedOnceMore(SOON);
            clients.requireNothingNoticed();
          }
          if (node == 1) {
            Processes.signal(signal, source.pid()); // ends already, or is to end now
            source.awaitEnd(SOON);
            assertThat(lab.leftByMachines()).isEmpty();
          }
        });
  }

  // --- parts ------------------------------------------------------------------------------------

  private static String registry(Lab lab) {
    return lab.topology().nodeAddress(1) + ":1337";
  }

  private static void requireFailure(Role role, String names) throws Exception {
    assertThat(role.awaitEnd(SOON)).as("exit status: " + role.errorText()).isNotZero();
    assertThat(role.errorText()).contains(names);
    System.out.println(role.errorText());
  }

  /** The command with a directory of the lab's, to its end. */
  private static Shell.Result architekt(Lab lab, List<String> prefix, String... words)
      throws Exception {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(List.of("env", LabIdentities.environment(1)));
    all.add(ProofPackage.ARCHITEKT.toString());
    all.addAll(List.of(words));
    all.addAll(List.of("--cache-base-dir", lab.state(1).toString()));
    all.addAll(List.of("--namespace-prefix", lab.vmPrefix()));
    return Shell.attempt(SOON, all);
  }
}
