package dev.architekt.hypervisor;

/** The agent in the guest refused a command, failed, or did not answer in time. */
public final class GuestAgentException extends MachineException {
  private static final long serialVersionUID = 1L;

  public GuestAgentException(String message) {
    super(message);
  }

  public GuestAgentException(String message, Throwable cause) {
    super(message, cause);
  }
}
