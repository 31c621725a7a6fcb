package dev.architekt.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.architekt.linux.ProcessIdentity;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read from files, peers and people. */
class FormatsTest {
  private static final ClaimRecord RECORD =
      new ClaimRecord(
          "ark7_0a1b2c3d",
          "ark",
          7,
          "6f1c3a52-0000-4000-8000-000000000000",
          4026531840L,
          new ProcessIdentity(10, 20, "6f1c3a52-0000-4000-8000-000000000000"),
          Optional.of(new ProcessIdentity(11, 21, "6f1c3a52-0000-4000-8000-000000000000")),
          Optional.of("eth0"),
          Optional.of(InstanceAddress.parse("10.77.0.50/24")));

  @Test
  void claimRecordSurvivesItsFile(@TempDir Path directory) throws Exception {
    ClaimDirectory claims = new ClaimDirectory(directory);
    assertThat(claims.create(RECORD)).isTrue();
    assertThat(claims.create(RECORD)).as("exclusive").isFalse();
    assertThat(claims.list()).containsExactly(RECORD);
    ClaimRecord changed = RECORD.withVm(Optional.empty());
    claims.replace(changed);
    assertThat(claims.find("ark7")).contains(changed);
    claims.delete(RECORD);
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void recordThatCouldNameSomethingElseIsRefused(@TempDir Path directory) throws Exception {
    ClaimDirectory claims = new ClaimDirectory(directory);
    for (String bad :
        List.of(
            "",
            "format=architekt-claim-2\n",
            RECORD.text().replace("uplink=eth0", "uplink=eth0; rm"),
            RECORD.text().replace("id=ark7_0a1b2c3d", "id=ark8_0a1b2c3d"),
            RECORD.text().replace("owner=10 20", "owner=10"),
            "x".repeat(5000))) {
      Files.writeString(directory.resolve("ark7.claim"), bad);
      assertThatThrownBy(() -> claims.find("ark7"))
          .isInstanceOf(NetworkException.class)
          .hasMessageContaining("ark7.claim");
    }
  }

  @Test
  void heldFramesSurviveTheWire() {
    HeldFrames frames = new HeldFrames(List.of(new byte[70], new byte[1524]), true);
    HeldFrames read = HeldFrames.decode(ByteBuffer.wrap(frames.encode()));
    assertThat(read.truncated()).isTrue();
    assertThat(read.frames()).hasSize(2);
    assertThat(read.frames().get(1)).hasSize(1524);
    assertThat(frames.encode()).hasSize(frames.encodedSize());
  }

  @Test
  void heldFramesThatLieAboutLengthsAreRefused() {
    byte[] good = new HeldFrames(List.of(new byte[70], new byte[80]), false).encode();
    for (int cut = 0; cut < good.length; cut++) {
      ByteBuffer shorter = ByteBuffer.wrap(Arrays.copyOf(good, cut));
      assertThatThrownBy(() -> HeldFrames.decode(shorter))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int value : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 9, 100_000}) {
      ByteBuffer length = ByteBuffer.wrap(good.clone()).putInt(5, value);
      assertThatThrownBy(() -> HeldFrames.decode(length))
          .isInstanceOf(IllegalArgumentException.class);
      ByteBuffer count = ByteBuffer.wrap(good.clone()).putInt(1, value);
      assertThatThrownBy(() -> HeldFrames.decode(count))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void gratuitousArpHasTheBytesOfTheStandard() {
    MacAddress mac = MacAddress.parse("02:00:00:00:00:07");
    Inet4Address address = (Inet4Address) Inet4Address.ofLiteral("10.77.0.50");
    assertThat(HexFormat.of().formatHex(Arp.announcementReply(mac, address).frame(), 0, 42))
        .isEqualTo(
            "ffffffffffff"
                + "020000000007"
                + "0806"
                + "0001"
                + "0800"
                + "06"
                + "04"
                + "0002"
                + "020000000007"
                + "0a4d0032"
                + "020000000007"
                + "0a4d0032");
    Arp request = Arp.request(mac, null, address);
    assertThat(Arp.parse(request.frame())).contains(request);
    assertThat(Arp.parse(new byte[41])).isEmpty();
    assertThat(Arp.parse(new byte[60])).isEmpty();
  }

  @Test
  void subnetsOfThePlanNeverOverlap() {
    VmNetwork network = VmNetwork.defaults();
    assertThat(network.namespacesMax()).isEqualTo(254);
    assertThat(network.namespaceEnd(253)).hasToString("/10.0.11.245");
    assertThat(network.namespaceAddress(0)).hasToString("/10.0.15.1");
    assertThat(network.namespaceAddress(253)).hasToString("/10.0.15.254");
    assertThatThrownBy(
            () -> network.withSubnets("ark", Cidr.parse("10.0.0.0/16"), Cidr.parse("10.0.15.0/24")))
        .hasMessageContaining("overlap");
    assertThatThrownBy(() -> Cidr.parse("10.0.8.0/33")).hasMessageContaining("10.0.8.0/33");
    assertThatThrownBy(() -> Cidr.parse("example.org/8")).hasMessageContaining("example.org/8");
    assertThat(Cidr.parse("0.0.0.0/0").overlaps(Cidr.parse("10.0.8.0/22"))).isTrue();
  }
}
