package dev.architekt.node;

import dev.architekt.migration.message.Message;
import dev.architekt.node.state.InstanceSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What this node's descriptions say beyond regions: the protocol carries it, nodes understand it.
 */
public final class Facts {
  /** {@code package}, {@code instance}, or {@code packages}: a list of what a registry has. */
  public static final String KIND = "kind";

  public static final String PACKAGE = "package";
  public static final String INSTANCE = "instance";

  /** Also the name of the one region that holds the list: a JSON array of objects. */
  public static final String PACKAGES = "packages";

  /** The {@link InstanceSpec} as JSON. */
  public static final String SPEC = "spec";

  /** Exact sizes in bytes of regions that do not end with a page: {@code bytes.kernel}, … */
  public static final String BYTES = "bytes.";

  /** The driver and version that the device state comes from. */
  public static final String HYPERVISOR = "hypervisor";

  private Facts() {}

  public static String json(InstanceSpec spec) {
    return new String(spec.toJson(), StandardCharsets.UTF_8);
  }

  public static InstanceSpec spec(Message.Description description, String origin)
      throws IOException {
    return InstanceSpec.fromJson(
        fact(description, SPEC, origin).getBytes(StandardCharsets.UTF_8), origin);
  }

  public static String fact(Message.Description description, String name, String origin)
      throws IOException {
    String value = description.facts().get(name);
    if (value == null) {
      throw new IOException(
          origin + " does not say \"" + name + "\"; it is an architekt of another version");
    }
    return value;
  }

  /** The exact size of a region, bounded by its pages. */
  public static long bytes(Message.Description description, String region, String origin)
      throws IOException {
    String text = fact(description, BYTES + region, origin);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(origin + ": size of " + region + " is \"" + text + "\"", e);
    }
  }

  public static boolean isPackage(Map<String, String> facts) {
    return PACKAGE.equals(facts.get(KIND));
  }
}
