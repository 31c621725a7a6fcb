package dev.architekt.node.doctor;

import java.io.IOException;

/** The accelerator that was asked for cannot be had on this host. */
public final class AcceleratorException extends IOException {
  private static final long serialVersionUID = 1L;

  AcceleratorException(String message) {
    super(message);
  }
}
