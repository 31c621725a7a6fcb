package dev.architekt.hypervisor;

/** Who executes the guest's instructions. Both sides of a migration must use the same one. */
public enum Accelerator {
  /** Software translation; runs anywhere. */
  TCG("tcg"),
  /** The CPU itself, through {@code /dev/kvm}. */
  KVM("kvm");

  private final String id;

  Accelerator(String id) {
    this.id = id;
  }

  /** The name used in options, manifests and on the wire. */
  public String id() {
    return id;
  }

  /** The accelerator called {@code id}; fails when there is none. */
  public static Accelerator of(String id) {
    for (Accelerator accelerator : values()) {
      if (accelerator.id.equals(id)) {
        return accelerator;
      }
    }
    throw new IllegalArgumentException("accelerator is \"" + id + "\", expected tcg or kvm");
  }
}
