package dev.architekt.migration.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("quick")
class AddressTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.0.0.0:7",
    "10.77.0.50, 10.77.0.50:7",
    "::, [::]:7",
    "::1, [::1]:7",
    "fe80::, [fe80::]:7",
    "2001:db8:0:1:1:1:1:0, [2001:db8:0:1:1:1:1:0]:7",
    "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:7",
    "2001:0:0:1:0:0:0:10, [2001:0:0:1::10]:7",
    "1:2:3:4:5:6:0:0, [1:2:3:4:5:6::]:7",
  })
  void addressesAreShort(String address, String text) throws Exception {
    assertThat(AddressText.of(new InetSocketAddress(InetAddress.getByName(address), 7)))
        .isEqualTo(text);
  }

  @Test
  void namesAreShownOnlyWhereThereIsNoAddress() throws Exception {
    InetAddress named = InetAddress.getByAddress("here", new byte[] {127, 0, 0, 1});
    assertThat(AddressText.of(new InetSocketAddress(named, 7))).isEqualTo("127.0.0.1:7");
    assertThat(AddressText.of(InetSocketAddress.createUnresolved("there", 7))).isEqualTo("there:7");
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", taken.getLocalPort());
      assertThatThrownBy(() ->
              Listener.open(address, WireOptions.of("x"), (hello, peer) -> null, link -> null))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot listen on 127.0.0.1:" + address.getPort() + ": ");
    }
  }
}
