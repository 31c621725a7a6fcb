package dev.architekt.node.identity;

import dev.architekt.migration.wire.Right;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody may do to this node; the first four are asked for at HELLO. */
public enum TrustRight {
  /** Ask what there is. */
  DESCRIBE,
  /** Read packages, kernels and initial RAM disks. */
  READ,
  /** Take VMs over, with their memory. */
  TAKE,
  /** Cancel somebody's attempt to take one over. */
  CANCEL,
  /** Be dialled: what it offers, packages or VMs, is run here. */
  SERVE;

  /** What {@code architekt trust add} gives unless it is told otherwise. */
  public static final Set<TrustRight> ALL = Set.copyOf(EnumSet.allOf(TrustRight.class));

  static TrustRight of(Right right) {
    return switch (right) {
      case DESCRIBE -> DESCRIBE;
      case READ -> READ;
      case TAKE -> TAKE;
      case CANCEL -> CANCEL;
    };
  }

  /** {@code describe,read}, in the order above. */
  public static String text(Set<TrustRight> rights) {
    return rights.stream().sorted().map(TrustRight::word).collect(Collectors.joining(","));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads {@link #text} back.
   *
   * @throws IllegalArgumentException a word is none of these, or there is none
   */
  public static Set<TrustRight> parse(String text) {
    Set<TrustRight> rights = EnumSet.noneOf(TrustRight.class);
    for (String word : text.split(",")) {
      boolean known = false;
      for (TrustRight right : values()) {
        if (right.word().equals(word.strip())) {
          known = rights.add(right) || rights.contains(right);
        }
      }
      if (!known) {
        throw new IllegalArgumentException(
            "expected some of describe,read,take,cancel,serve with commas between them, found \""
                + word
                + "\"");
      }
    }
    return Set.copyOf(rights);
  }
}
