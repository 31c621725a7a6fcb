package dev.architekt.archive;

import java.io.IOException;

/**
 * A package that cannot be used: says what is wrong, where, what was expected and found, and what
 * to do.
 */
public final class ArkException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, for callers that decide on it. */
  public enum Kind {
    /** The bytes are not a package at all. */
    NOT_A_PACKAGE("not an Architekt package", "give the path of an .ark file"),
    /** The end is missing. */
    TRUNCATED("truncated package", "copy or build the package again; the copy did not finish"),
    /** Bytes are not the ones that were written. */
    DAMAGED("damaged package", "copy or build the package again; this copy's bytes have changed"),
    /** Written by a program of another format generation. */
    UNSUPPORTED_VERSION(
        "unsupported package version",
        "use the Architekt release that wrote it, or build it again"),
    /** The manifest is complete and says something impossible. */
    BAD_MANIFEST("invalid manifest", "build the package again with a matching Architekt release"),
    /** The table of contents is complete and says something impossible. */
    BAD_INDEX("invalid table of contents", "build the package again; do not use this copy"),
    /** The package has no resource of the name that was asked for. */
    NO_SUCH_RESOURCE("no such resource", "build a package that has it");

    private final String text;
    private final String advice;

    Kind(String text, String advice) {
      this.text = text;
      this.advice = advice;
    }
  }

  private final Kind kind;
  private final String where;
  private final String expected;
  private final String found;

  ArkException(Kind kind, String source, String where, String expected, String found) {
    this(kind, source, where, expected, found, null);
  }

  ArkException(
      Kind kind, String source, String where, String expected, String found, Throwable cause) {
    super(
        "%s: %s: %s: expected %s, found %s; %s"
            .formatted(source, kind.text, where, expected, found, kind.advice),
        cause);
    this.kind = kind;
    this.where = where;
    this.expected = expected;
    this.found = found;
  }

  public Kind kind() {
    return kind;
  }

  /**
   * The place inside the package: a resource with its offsets, a field of the manifest, the footer.
   */
  public String where() {
    return where;
  }

  public String expected() {
    return expected;
  }

  public String found() {
    return found;
  }

  /** What a person can do about it. */
  public String advice() {
    return kind.advice;
  }
}
