package dev.architekt.node.engine;

import dev.architekt.migration.message.Reason;
import java.io.IOException;

/** This host cannot or will not: says why in the protocol's terms and in words. */
public final class Refused extends IOException {
  private static final long serialVersionUID = 1L;
  private final Reason reason;

  public Refused(Reason reason, String text) {
    super(text);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
