package dev.architekt.cli.demo.record;

/**
 * A stretch of a hop.
 *
 * @param kind what is going on
 * @param label for people
 * @param brief the same in a word or less
 */
record Phase(Kind kind, String label, String brief, Span span) {
  /** In the order of a hop; {@link #style} is its class in the style sheet. */
  enum Kind {
    START("start of the peer's process"),
    PREPARE("prepare"),
    COPY("copy rounds, the guest runs at the source"),
    SWITCH("switch-over"),
    PAUSE("pause"),
    POST_COPY("post-copy, the guest runs at the destination");

    private final String legend;

    Kind(String legend) {
      this.legend = legend;
    }

    String legend() {
      return legend;
    }

    String style() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }
}
