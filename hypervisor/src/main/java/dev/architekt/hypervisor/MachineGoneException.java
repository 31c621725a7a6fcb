package dev.architekt.hypervisor;

/** The machine's process does not live any more. */
public final class MachineGoneException extends MachineException {
  private static final long serialVersionUID = 1L;

  public MachineGoneException(String message) {
    super(message);
  }

  public MachineGoneException(String message, Throwable cause) {
    super(message, cause);
  }
}
