package dev.architekt.cli;

import dev.architekt.migration.message.Bounds;
import dev.architekt.node.CommandName;
import dev.architekt.node.HttpRange;
import dev.architekt.node.doctor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What can be known of a command line before anything is done. Each message says which option, what
 * was found, and what was expected.
 */
final class Checks {
  private static final int ROOT = 0;
  private static final int PORT_MAX = 65_535;
  private static final double RATE_MAX = 1e15;
  private static final Pattern RATE =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(kbit|mbit|gbit|kB/s|MB/s|GB/s)");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  private static final List<Path> FOLDERS =
      Stream.concat(
              Stream.of(System.getenv().getOrDefault("PATH", "").split(":")),
              Stream.of("/usr/sbin", "/sbin"))
          .filter(folder -> !folder.isEmpty())
          .map(Path::of)
          .toList();

  private final CommandSpec spec;

  Checks(CommandSpec spec) {
    this.spec = spec;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  void between(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(option + " " + value + ": expected a whole number from " + min + " to " + max);
    }
  }

  /** At least one of several options that may be given several times. */
  void any(String wanted, List<?>... given) {
    for (List<?> values : given) {
      if (!values.isEmpty()) {
        return;
      }
    }
    throw wrong("expected " + wanted);
  }

  /** Options that mean nothing beside another one. */
  void none(String wanted, List<?>... given) {
    for (List<?> values : given) {
      if (!values.isEmpty()) {
        throw wrong(wanted);
      }
    }
  }

  void oneOf(String option, String value, String... choices) {
    if (!List.of(choices).contains(value)) {
      throw wrong(option + " " + value + ": expected " + String.join(" or ", choices));
    }
  }

  /** Fails now rather than after minutes of work that end in a file nobody can write. */
  void writable(String option, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw wrong(option + " " + file + ": is a folder; expected the name of a file in it");
    }
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException(
          option + " " + file + ": " + folder + " is not a folder; name another place");
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(
          option
              + " "
              + file
              + ": the folder "
              + folder
              + " cannot be written; name another place");
    }
  }

  void readable(String option, Path file, String remedy) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          option
              + " "
              + file
              + ": "
              + (Files.isDirectory(file) ? "is a folder, expected a file" : "no such file")
              + "; "
              + remedy);
    }
    if (!Files.isReadable(file)) {
      throw new IOException(option + " " + file + ": cannot be read by this user");
    }
  }

  void folder(String option, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw wrong(
          option
              + " "
              + folder
              + ": "
              + (Files.exists(folder) ? "not a folder" : "no such folder")
              + "; expected one whose content is copied over the guest's root");
    }
  }

  void matches(String option, String value, String pattern, String expected) {
    if (!value.matches(pattern)) {
      throw wrong(option + " " + value + ": expected " + expected);
    }
  }

  /** One that this kernel has, and only where it is used. */
  void congestionControl(String option, String name, boolean used) throws IOException {
    String have =
        Files.readString(Path.of("/proc/sys/net/ipv4/tcp_available_congestion_control")).strip();
    oneOf(option, name, have.split(" "));
    if (!used) {
      throw wrong(option + " " + name + ": only together with --link");
    }
  }

  void remote(String option, String value) {
    boolean right = value.matches(".+:[0-9]{1,5}") && port(value) >= 1 && port(value) <= PORT_MAX;
    if (!right) {
      throw wrong(option + " " + value + ": expected HOST:PORT, such as localhost:1338");
    }
  }

  /** HOST:PORT, and the name of what is meant there. */
  void remoteWithName(String option, String value) {
    int slash = value.indexOf('/');
    remote(option, slash < 0 ? value : value.substring(0, slash));
    if (slash >= 0 && !value.substring(slash + 1).matches("[^/]{1,63}")) {
      throw wrong(
          option + " " + value + ": expected a name after the slash, as in localhost:1337/redis");
    }
  }

  void remoteOrUrl(String option, String value) {
    if (!HttpRange.isOne(value)) {
      remoteWithName(option, value);
    }
  }

  /** A file, or a folder. */
  void there(String option, Path path, String remedy) throws IOException {
    if (!Files.isDirectory(path)) {
      readable(option, path, remedy);
    } else if (!Files.isReadable(path)) {
      throw new IOException(option + " " + path + ": cannot be read by this user");
    }
  }

  void local(String option, String value) {
    if (!value.matches(".*:[0-9]{1,5}") || port(value) > PORT_MAX) {
      throw wrong(
          option + " " + value + ": expected [HOST]:PORT with a port up to 65535, such as :1338");
    }
  }

  private static int port(String value) {
    return Integer.parseInt(value.substring(value.lastIndexOf(':') + 1));
  }

  void address(String option, String value) {
    String[] parts = value.split("/", 2);
    boolean right = isIpv4(parts[0]) && (parts.length == 1 || isPrefix(parts[1]));
    if (!right) {
      throw wrong(
          option + " " + value + ": expected an IPv4 address, such as 10.77.0.50 or 10.77.0.50/24");
    }
  }

  void network(String option, String value) {
    String[] parts = value.split("/", 2);
    if (parts.length != 2 || !isIpv4(parts[0]) || !isPrefix(parts[1])) {
      throw wrong(option + " " + value + ": expected an IPv4 network, such as 10.0.8.0/22");
    }
  }

  private static boolean isIpv4(String text) {
    String[] bytes = text.split("\\.", -1);
    return bytes.length == 4
        && List.of(bytes).stream()
            .allMatch(b -> b.matches("[0-9]{1,3}") && Integer.parseInt(b) <= 255);
  }

  private static boolean isPrefix(String text) {
    return text.matches("[0-9]{1,2}") && Integer.parseInt(text) <= 32;
  }

  /** A time with its unit: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}. */
  Duration duration(String option, String text, Duration most) {
    Matcher parts = DURATION.matcher(text);
    if (parts.matches()) {
      Duration time = Duration.of(Long.parseLong(parts.group(1)), unit(parts.group(2)));
      if (time.isPositive() && time.compareTo(most) <= 0) {
        return time;
      }
    }
    throw wrong(
        option
            + " "
            + text
            + ": expected a time with its unit, such as 500ms, 30s, 5m or 1h, up to "
            + most.toHours()
            + "h");
  }

  private static ChronoUnit unit(String name) {
    return switch (name) {
      case "ms" -> ChronoUnit.MILLIS;
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      default -> ChronoUnit.HOURS;
    };
  }

  /** Bytes a second, of {@code 100mbit} (as {@code tc} has it) or {@code 12MB/s}; decimal units. */
  long rate(String option, String text) {
    Matcher parts = RATE.matcher(text);
    if (parts.matches()) {
      String unit = parts.group(2);
      long thousands =
          switch (unit.charAt(0)) {
            case 'k' -> 1_000;
            case 'm', 'M' -> 1_000_000;
            default -> 1_000_000_000;
          };
      double bytes = Double.parseDouble(parts.group(1)) * thousands / (unit.endsWith("t") ? 8 : 1);
      if (bytes >= Bounds.LIMIT_MIN && bytes < RATE_MAX) {
        return (long) bytes;
      }
    }
    throw wrong(
        option
            + " "
            + text
            + ": expected a rate with its unit, such as 100mbit, 1gbit, 800kB/s or 12MB/s, of at"
            + " least "
            + Bounds.LIMIT_MIN / 1000
            + "kB/s");
  }

  /** A size in bytes, with K, M or G for powers of 1,024. */
  long bytes(String option, String text) {
    try {
      long number = Long.parseLong(text.replaceFirst("[KMG]$", ""));
      int shift = text.endsWith("K") ? 10 : text.endsWith("M") ? 20 : text.endsWith("G") ? 30 : 0;
      if (number >= 0) {
        return Math.multiplyExact(number, 1L << shift);
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(option + " " + text + ": expected a number of bytes, or one with K, M or G");
    }
    throw wrong(option + " " + text + ": expected no negative number");
  }

  /** Fails with {@code message} unless {@code right}. */
  void that(boolean right, String message) {
    if (!right) {
      throw wrong(message);
    }
  }

  /** Of options that exclude each other. */
  void atMostOne(String options, boolean... given) {
    int count = 0;
    for (boolean one : given) {
      count += one ? 1 : 0;
    }
    if (count > 1) {
      throw wrong(options + ": expected at most one of them");
    }
  }

  void tls(Optional<Path> folder) throws IOException {
    for (String name : new String[] {"cert.pem", "key.pem", "ca.pem"}) {
      if (folder.isPresent()) {
        readable(
            "--tls-dir", folder.get().resolve(name), "expected cert.pem, key.pem and ca.pem in it");
      }
    }
  }

  /** What a VM needs of this host beside root: {@code doctor} looks closer. */
  void host(String why) throws IOException {
    root(why);
    for (Device device : Device.values()) {
      Optional<String> wrong = device.wrong();
      if (wrong.isPresent()) {
        throw new IOException(
            wrong.get()
                + ", which VMs need. Load the kernel module (modprobe "
                + device.module()
                + "), or pass the device into this container. `"
                + CommandName.typed()
                + " doctor` says more");
      }
    }
  }

  /**
   * Fails with all that is missing at once, rather than with the first after minutes.
   *
   * @param programs a program, the Debian package that it is in, the next program, …
   */
  void programs(String... programs) throws IOException {
    Set<String> missing = new LinkedHashSet<>();
    Set<String> packages = new LinkedHashSet<>();
    for (int i = 0; i < programs.length; i += 2) {
      String program = programs[i];
      if (FOLDERS.stream().noneMatch(folder -> Files.isExecutable(folder.resolve(program)))) {
        missing.add(program);
        packages.add(programs[i + 1]);
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException(
          spec.qualifiedName()
              + " needs "
              + String.join(", ", missing)
              + ", which this host does not have; install them with: apt-get install "
              + String.join(" ", packages));
    }
  }

  /**
   * @param why what cannot be had without, as in "for network namespaces"
   */
  void root(String why) throws IOException {
    int user = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    if (user != ROOT) {
      throw new IOException(
          spec.qualifiedName()
              + " needs root, for "
              + why
              + "; this is user "
              + user
              + ". Run it with sudo, or in a root shell");
    }
  }
}
