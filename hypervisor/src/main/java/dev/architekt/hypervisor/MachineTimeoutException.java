package dev.architekt.hypervisor;

/** A machine did not answer in time. It may still live, and may still do what was asked. */
public final class MachineTimeoutException extends MachineException {
  private static final long serialVersionUID = 1L;

  public MachineTimeoutException(String message) {
    super(message);
  }

  public MachineTimeoutException(String message, Throwable cause) {
    super(message, cause);
  }
}
