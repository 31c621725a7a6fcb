package dev.architekt.archive;

/**
 * Bytes that are not what they must be; whoever knows the place turns it into an {@link
 * ArkException}.
 */
final class Corrupt extends Exception {
  private static final long serialVersionUID = 1L;
  final String expected;
  final String found;

  Corrupt(String expected, String found) {
    super("expected " + expected + ", found " + found, null, false, false);
    this.expected = expected;
    this.found = found;
  }

  ArkException at(ArkException.Kind kind, String source, String where) {
    return new ArkException(kind, source, where, expected, found, this);
  }
}
