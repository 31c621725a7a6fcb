package dev.architekt.node.doctor;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the kernel leaves guests' RAM alone. What a guest has written is dirty page cache to it
 * (see vm.dirty_background_ratio in Documentation/admin-guide/sysctl/vm.rst): beyond a threshold it
 * writes back without a pause, and each page that a guest touches again costs a fault.
 */
final class WriteBack {
  /** Of all memory; the kernel's default is a tenth of what is available. */
  private static final double SHARE_MIN = 0.3;

  private static final long PAGE = 4096;
  private static final double GIB = 1L << 30;
  private static final Pattern THRESHOLD =
      Pattern.compile("(?m)^nr_dirty_background_threshold ([0-9]+)$");
  private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+([0-9]+) kB$");

  private WriteBack() {}

  static Finding examine(Host host) {
    Optional<Double> threshold = number(host, "/proc/vmstat", THRESHOLD).map(n -> n * PAGE / GIB);
    Optional<Double> total = number(host, "/proc/meminfo", TOTAL).map(n -> n * 1024 / GIB);
    if (threshold.isEmpty() || total.isEmpty()) {
      return Finding.ok("write-back", "this kernel does not say when it begins to write back");
    }
    String begins =
        String.format(
            Locale.ROOT,
            "the kernel writes back all the time once %.1f of %.1f GiB are dirty",
            threshold.get(),
            total.get());
    return threshold.get() >= SHARE_MIN * total.get()
        ? Finding.ok("write-back", begins)
        : Finding.warn(
            "write-back",
            begins + ": guests that keep more of their RAM dirty run at a fraction of their speed",
            "for large guests: sysctl -w vm.dirty_background_ratio=50 vm.dirty_ratio=80");
  }

  private static Optional<Double> number(Host host, String file, Pattern pattern) {
    return host.text(file)
        .map(pattern::matcher)
        .filter(Matcher::find)
        .map(matcher -> Double.parseDouble(matcher.group(1)));
  }
}
