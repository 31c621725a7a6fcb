package dev.architekt.hypervisor;

/** A machine's process could not be started, or ended while starting. */
public final class MachineStartException extends MachineException {
  private static final long serialVersionUID = 1L;

  public MachineStartException(String message) {
    super(message);
  }

  public MachineStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
