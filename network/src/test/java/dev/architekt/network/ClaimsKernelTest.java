package dev.architekt.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.Fd;
import dev.architekt.linux.Namespaces;
import dev.architekt.linux.Pidfd;
import dev.architekt.network.NetworkException.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who holds which namespace, when processes race and die. */
@Tag("kernel")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClaimsKernelTest {
  @TempDir Path directory;
  private Lab lab;
  private Fd node;
  private NamespaceClaims claims;
  private final List<Process> programs = new ArrayList<>();

  @BeforeEach
  void oneNode() throws IOException {
    Requires.network();
    lab = new Lab(directory);
    node = lab.host("a", 11);
    claims = lab.claimsOf(node);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    if (lab == null) {
      return;
    }
    try {
      programs.forEach(Process::destroyForcibly);
      List<ClaimRecord> left = claims.list();
      for (ClaimRecord record : left) {
        claims.remove(record);
      }
      assertThat(left).as("claims that the test left").isEmpty();
      assertThat(Lab.run(node, "nft", "list", "tables")).isBlank();
      assertThat(Lab.run(node, "ip", "-o", "link", "show")).doesNotContain("veth1");
      assertThat(Lab.run(node, "ip", "neighbour", "show", "proxy")).isBlank();
      assertThat(Lab.in(node, () -> Sysctls.get("ipv4/conf/eth0/forwarding"))).isEqualTo("0");
    } finally {
      lab.close();
    }
  }

  @Test
  void twentyProcessesAtOnceGetTwentyNamespaces() throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      programs.add(Lab.in(node, () -> ClaimProgram.start(directory)));
    }
    List<String> names = new ArrayList<>();
    for (Process program : programs) {
      names.add(firstLine(program));
    }
    System.out.printf(
        "20 claims by 20 processes: %d ms%n", (System.nanoTime() - start) / 1_000_000);
    assertThat(names).hasSize(20).doesNotHaveDuplicates().doesNotContainNull();
    assertThat(claims.list()).hasSize(20);
    assertThat(Commands.run("ip", "netns", "list")).contains(names);
    for (Process program : programs) {
      program.getOutputStream().close(); // lets it go the orderly way
    }
    for (Process program : programs) {
      assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(program.exitValue()).isZero();
    }
  }

  @Test
  void claimOfACrashedOwnerIsRemovedAtTheNextStart() throws Exception {
    Process owner = Lab.in(node, () -> ClaimProgram.start(directory, "announce"));
    programs.add(owner);
    String name = firstLine(owner);
    assertThat(claims.sweep().removed()).as("held by a living process").isEmpty();
    owner.destroyForcibly().waitFor();
    NamespaceClaims.Sweep sweep = claims.sweep();
    assertThat(sweep.removed()).extracting(ClaimRecord::namespace).containsExactly(name);
    assertThat(sweep.orphans()).isEmpty();
    assertThat(Commands.run("ip", "netns", "list")).doesNotContain(name + "\n");
    claims.remove(sweep.removed().getFirst()); // again: harmless
  }

  @Test
  void vmOfAKilledOwnerStaysReachableAndIsAdoptedWithItsPackets() throws Exception {
    Fd client = lab.host("c", 99);
    Process owner = Lab.in(node, () -> ClaimProgram.start(directory, "announce", "vm"));
    programs.add(owner);
    String name = firstLine(owner);
    owner.destroyForcibly().waitFor();

    NamespaceClaims.Sweep sweep = claims.sweep();
    assertThat(sweep.removed()).isEmpty();
    ClaimRecord orphan = sweep.orphans().getFirst();
    assertThat(orphan.namespace()).isEqualTo(name);
    assertThat(orphan.outer()).contains(Lab.OUTER);
    DatagramChannel udp = Lab.in(client, DatagramChannel::open);
    udp.connect(new InetSocketAddress(Lab.OUTER.host(), 6379));
    for (int i = 0; i < 10; i++) {
      udp.write(ByteBuffer.wrap("while nobody watches".getBytes()));
    }
    try (Pidfd vm = orphan.vm().orElseThrow().open().orElseThrow()) {
      NamespaceClaim adopted = claims.adopt(Lab.NETWORK, orphan, vm.descriptor(3));
      assertThat(adopted.tap().drain(100, 1 << 20).count()).isEqualTo(10);
      AnnounceReachability reachability = adopted.reachability();
      reachability.prepare(Lab.OUTER);
      assertThat(reachability.status().answering()).isTrue();
      assertThat(reachability.status().delivered()).isTrue();
      reachability.close();
      vm.signal(Pidfd.SIGKILL);
      vm.awaitEnd(5000);
      adopted.close();
    }
  }

  @Test
  void aClaimIsNotAdoptedFromALivingOwner() throws Exception {
    Process owner = Lab.in(node, () -> ClaimProgram.start(directory));
    programs.add(owner);
    ClaimRecord record = claims.find(firstLine(owner)).orElseThrow();
    Fd anything = Fd.open("/dev/null", Fd.O_RDONLY, 0);
    assertProblem(Problem.CLAIM_HELD, () -> claims.adopt(Lab.NETWORK, record, anything));
    anything.close();
    owner.destroyForcibly().waitFor();
    claims.sweep();
    Fd nothing = Fd.open("/dev/null", Fd.O_RDONLY, 0);
    assertProblem(Problem.CLAIM_GONE, () -> claims.adopt(Lab.NETWORK, record, nothing));
    nothing.close();
  }

  @Test
  void claimOfANodeWhoseNamespaceIsGoneIsRemovedFromAnotherNode() throws Exception {
    Process owner = Lab.in(lab.host("b", 12), () -> ClaimProgram.start(directory, "announce"));
    programs.add(owner);
    String name = firstLine(owner);
    owner.destroyForcibly().waitFor();
    lab.remove("b");
    assertThat(claims.sweep().removed()).extracting(ClaimRecord::namespace).containsExactly(name);
    try (var files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("lock");
    }
  }

  @Test
  void namespacesOfOthersAreNeverTakenNorRemoved() throws Exception {
    Namespaces.createNetwork("nt0");
    try (NamespaceClaim claim = claims.claim(Lab.NETWORK, Optional.empty())) {
      assertThat(claim.name()).isEqualTo("nt1");
    } finally {
      assertThat(Commands.run("ip", "netns", "list")).contains("nt0");
      Namespaces.deleteNetwork("nt0");
    }
  }

  @Test
  void namespacesThatAreAllTakenAreSaidToBe() throws Exception {
    VmNetwork two =
        Lab.NETWORK.withSubnets("nt", Cidr.parse("10.0.8.0/29"), Cidr.parse("10.0.15.0/29"));
    try (NamespaceClaim first = claims.claim(two, Optional.empty());
        NamespaceClaim second = claims.claim(two, Optional.empty())) {
      assertThat(first.name()).isNotEqualTo(second.name());
      assertProblem(Problem.NAMESPACES_EXHAUSTED, () -> claims.claim(two, Optional.empty()));
    }
  }

  @Test
  void claimThatFailsHalfWayLeavesNothing() throws Exception {
    VmNetwork d = Lab.NETWORK;
    VmNetwork impossible =
        new VmNetwork(
            d.prefix(),
            d.hostVeths(),
            d.namespaceVeths(),
            "lo",
            d.inner(),
            d.gateway(),
            d.guest(),
            d.gatewayMac(),
            d.guestMac(),
            d.tapQueue());
    assertThatThrownBy(() -> claims.claim(impossible, Optional.of("eth0")))
        .isInstanceOf(IOException.class);
    assertProblem(Problem.UPLINK_UNKNOWN, () -> claims.claim(d, Optional.of("nosuch0")));
    assertThat(Commands.run("ip", "netns", "list")).doesNotContain("nt0\n", "nt0 ");
  }

  @Test
  void addressInUseIsRefusedWithItsOwnersMac() throws Exception {
    Fd other = lab.host("b", 12);
    Fd squatter = lab.host("s", 51);
    try (NamespaceClaim here = claims.claim(Lab.NETWORK, Optional.of("eth0"));
        NamespaceClaim there = lab.claimsOf(other).claim(Lab.NETWORK, Optional.of("eth0"))) {
      AnnounceReachability first = here.reachability();
      AnnounceReachability second = there.reachability();
      // By an instance on another node, by one on this node, by an ordinary host, by the node
      // itself.
      first.requireUnused(Lab.OUTER);
      first.prepare(Lab.OUTER);
      first.announce();
      String mac = Lab.in(node, () -> Uplink.named("eth0")).mac().toString();
      assertThatThrownBy(() -> second.requireUnused(Lab.OUTER))
          .isInstanceOf(NetworkException.class)
          .hasMessageContaining("address 10.77.0.50 is already used by MAC " + mac);
      assertProblem(Problem.ADDRESS_TAKEN, () -> first.requireUnused(Lab.OUTER));
      first.release();
      second.requireUnused(Lab.OUTER);
      String squatters = Lab.in(squatter, () -> Uplink.named("eth0")).mac().toString();
      assertThatThrownBy(() -> second.requireUnused(InstanceAddress.parse("10.77.0.51")))
          .hasMessageContaining("already used by MAC " + squatters);
      assertProblem(
          Problem.ADDRESS_TAKEN, () -> second.requireUnused(InstanceAddress.parse("10.77.0.12")));
      assertProblem(
          Problem.UPLINK_UNKNOWN, () -> second.requireUnused(InstanceAddress.parse("10.99.0.12")));
      first.close();
      second.close();
    }
  }

  @Test
  void vmsOfOneNodeReachTheWorldAndTheirNodeButNotEachOther() throws Exception {
    Fd world = lab.host("w", 99);
    try (NamespaceClaim one = claims.claim(Lab.NETWORK, Optional.of("eth0"));
        NamespaceClaim two = claims.claim(Lab.NETWORK, Optional.of("eth0"));
        StandInVm vmOne = new StandInVm(lab, "one", Lab.NETWORK);
        StandInVm vmTwo = new StandInVm(lab, "two", Lab.NETWORK)) {
      vmOne.runAt(one.tap());
      vmTwo.runAt(two.tap());
      vmTwo.serveEcho();
      String addressOfTwo = Lab.NETWORK.namespaceAddress(two.record().index()).getHostAddress();
      InetSocketAddress serviceOfTwo = new InetSocketAddress(addressOfTwo, StandInVm.PORT);
      assertThat(connects(node, serviceOfTwo)).as("node to VM").isTrue();
      assertThat(connects(vmOne.namespace(), serviceOfTwo)).as("VM to VM").isFalse();
      ServerSocketChannel server = Lab.in(world, ServerSocketChannel::open);
      server.bind(new InetSocketAddress("10.77.0.99", 7000));
      assertThat(connects(vmOne.namespace(), new InetSocketAddress("10.77.0.99", 7000)))
          .as("VM to the world")
          .isTrue();
      try (SocketChannel seen = server.accept()) {
        assertThat(((InetSocketAddress) seen.getRemoteAddress()).getHostString())
            .as("without an address of its own it is its node")
            .isEqualTo("10.77.0.11");
      }
      server.close();
      vmOne.stop();
      vmTwo.stop();
    }
  }

  @Test
  void doctorNamesTheRouteThatASubnetClashesWith() throws Exception {
    NetworkDoctor doctor = new NetworkDoctor(Lab.NETWORK);
    Lab.in(
        node,
        () -> {
          doctor.require();
          Lab.ip("route add 10.0.0.0/16 via 10.77.0.1");
          assertThatThrownBy(doctor::require)
              .hasMessageContaining("10.0.8.0/22")
              .hasMessageContaining("10.0.0.0/16")
              .hasMessageContaining("--host-veth-cidr");
          return null;
        });
  }

  private static boolean connects(Fd namespace, InetSocketAddress to) throws IOException {
    SocketChannel channel = Lab.in(namespace, SocketChannel::open);
    try (channel) {
      channel.socket().connect(to, 1500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private interface Call {
    void run() throws IOException;
  }

  private static void assertProblem(Problem problem, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            NetworkException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private static String firstLine(Process program) throws IOException {
    return new BufferedReader(program.inputReader()).readLine();
  }
}
