package dev.architekt.node.doctor;

/**
 * One thing that the doctor looked at.
 *
 * @param name what was looked at, in a word or two
 * @param detail what was found
 * @param remedy what to do about it; empty when nothing needs to be done
 */
public record Finding(String name, Status status, String detail, String remedy) {
  public enum Status {
    /** There, and it works. */
    OK,
    /** Some things will be slow, or one role will not work. */
    WARN,
    /** Machines cannot be run or moved on this host. */
    MISSING
  }

  static Finding ok(String name, String detail) {
    return new Finding(name, Status.OK, detail, "");
  }

  static Finding warn(String name, String detail, String remedy) {
    return new Finding(name, Status.WARN, detail, remedy);
  }

  static Finding missing(String name, String detail, String remedy) {
    return new Finding(name, Status.MISSING, detail, remedy);
  }
}
