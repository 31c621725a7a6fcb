package dev.architekt.migration.wire;

/** What a connection asks for; the numbers are on the wire. */
public enum Right {
  /** To be told what there is. */
  DESCRIBE(1),
  /** To read pages, and change nothing: what a package is seeded with. */
  READ(2),
  /** To take the instance over. */
  TAKE(3),
  /** To end somebody's attempt to take it over. */
  CANCEL(4);

  private final int code;

  Right(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The right of this number, or null when there is none. */
  static Right ofCode(int code) {
    for (Right right : values()) {
      if (right.code == code) {
        return right;
      }
    }
    return null;
  }
}
