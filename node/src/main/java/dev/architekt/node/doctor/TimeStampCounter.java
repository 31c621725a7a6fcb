package dev.architekt.node.doctor;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The frequency of this host's time stamp counter, which guests calibrate their clock by, also
 * under TCG. The kernel publishes it nowhere; its own messages have it, and in a virtual machine
 * (whose processor has no other clock rates) so has /proc/cpuinfo.
 */
public final class TimeStampCounter {
  private static final Pattern MESSAGE =
      Pattern.compile(
          "tsc: (?:Refined TSC clocksource calibration: |Detected )([0-9]+)\\.([0-9]{3}) MHz");
  private static final Pattern CPU_MHZ =
      Pattern.compile("(?m)^cpu MHz\\s*: ([0-9]+)\\.([0-9]{3})$");

  private TimeStampCounter() {}

  /** Thousands of ticks a second; empty if this host does not say, or has no such counter. */
  public static OptionalLong khz() {
    return khz(Host.local());
  }

  static OptionalLong khz(Host host) {
    OptionalLong khz = OptionalLong.empty();
    // The last message is the refined one.
    Matcher message =
        MESSAGE.matcher(host.run("dmesg").map(lines -> String.join("\n", lines)).orElse(""));
    while (message.find()) {
      khz = OptionalLong.of(number(message));
    }
    if (khz.isPresent()) {
      return khz;
    }
    String cpus = host.text("/proc/cpuinfo").orElse("");
    Matcher rate = CPU_MHZ.matcher(cpus);
    boolean virtual = cpus.contains(" hypervisor");
    return virtual && rate.find() ? OptionalLong.of(number(rate)) : OptionalLong.empty();
  }

  private static long number(Matcher mhz) {
    return Long.parseLong(mhz.group(1)) * 1000 + Long.parseLong(mhz.group(2));
  }
}
