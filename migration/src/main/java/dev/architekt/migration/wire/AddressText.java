package dev.architekt.migration.wire;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as people write them: {@code 10.0.0.1:1337}, {@code [::1]:1337}. */
public final class AddressText {
  private static final Pattern ZEROES = Pattern.compile("(?<![0-9a-f])0(:0)+(?![0-9a-f])");

  private AddressText() {}

  /** Never asks a name service; a name that was not resolved stays a name. */
  public static String of(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    return (host == null ? address.getHostString() : of(host)) + ":" + address.getPort();
  }

  private static String of(InetAddress host) {
    String text = host.getHostAddress();
    return host instanceof Inet6Address ? "[" + shortened(text) + "]" : text;
  }

  /** The longest run of zeroes, the first of equally long ones, becomes {@code ::} (RFC 5952). */
  private static String shortened(String text) {
    Matcher zeroes = ZEROES.matcher(text);
    int from = 0;
    int to = 0;
    while (zeroes.find()) {
      if (zeroes.end() - zeroes.start() > to - from) {
        from = zeroes.start();
        to = zeroes.end();
      }
    }
    if (to == from) {
      return text;
    }
    String before = text.substring(0, from).replaceFirst(":$", "");
    String after = text.substring(to).replaceFirst("^:", "");
    return before + "::" + after;
  }
}
