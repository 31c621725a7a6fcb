package dev.architekt.hypervisor;

import java.io.IOException;

/** A machine did not do what was asked; the message says which machine, what and why. */
public class MachineException extends IOException {
  private static final long serialVersionUID = 1L;

  public MachineException(String message) {
    super(message);
  }

  public MachineException(String message, Throwable cause) {
    super(message, cause);
  }
}
