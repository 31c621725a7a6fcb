package dev.architekt.migration.wire;

/** How the bytes of a run of pages are written; the numbers are on the wire. */
public enum Codec {
  /** No bytes: the pages are zero. */
  ZERO(0),
  /** The bytes as they are. */
  RAW(1),
  /** One LZ4 block. */
  LZ4(2),
  /** One Zstandard frame. */
  ZSTD(3),
  /** The number of the first of as many {@link BasePages} with the same bytes. */
  BASE(4);

  // 5 (a difference to the last version sent) is reserved.

  private final int code;

  Codec(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  static Codec ofCode(int code) {
    return switch (code) {
      case 0 -> ZERO;
      case 1 -> RAW;
      case 2 -> LZ4;
      case 3 -> ZSTD;
      case 4 -> BASE;
      default -> null;
    };
  }
}
