package dev.architekt.hypervisor;

/**
 * Device state could not be loaded: damaged, cut off, or of another kind of machine. The process is
 * of no use now.
 */
public final class StateLoadException extends MachineException {
  private static final long serialVersionUID = 1L;

  public StateLoadException(String message) {
    super(message);
  }

  public StateLoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
