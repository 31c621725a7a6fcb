package dev.architekt.hypervisor;

import java.util.regex.Pattern;

/** Checks on short words that end up in a hypervisor's command line or in file names. */
final class Names {
  // A comma would start another option, a slash another folder; a manifest is input from outside.
  private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+:-]{0,127}");

  // CPU models may carry feature flags: qemu64,+ssse3,-svm
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  private Names() {}

  static void requireOption(String what, String value) {
    String[] parts = what.equals("CPU model") ? value.split(",", 33) : new String[] {value};
    if (parts.length > 32) {
      throw new IllegalArgumentException(what + " has more than 32 parts");
    }
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      String bare =
          i > 0 && (part.startsWith("+") || part.startsWith("-")) ? part.substring(1) : part;
      bare = i > 0 ? bare.replaceFirst("=(on|off|[0-9]+)$", "") : bare;
      if (!OPTION.matcher(bare).matches()) {
        throw new IllegalArgumentException(
            what + " is \"" + value + "\", expected letters, digits and . _ + : -");
      }
    }
  }

  static void requireMac(String value) {
    if (!MAC.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "MAC address is \""
              + value
              + "\", expected six lower-case hex pairs such as"
              + " 02:0e:d9:00:00:02");
    }
  }
}
