package dev.architekt.network;

import java.io.IOException;

/** Something about the machine's network is not as it must be: what, where, and what to do. */
public final class NetworkException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What callers decide on. */
  public enum Problem {
    NOT_PRIVILEGED,
    TUN_MISSING,
    NAMESPACES_MISSING,
    TOOL_MISSING,
    SUBNET_CLASH,
    NAMESPACES_EXHAUSTED,
    ADDRESS_TAKEN,
    UPLINK_UNKNOWN,
    FORWARDING_FILTERED,
    CLAIM_HELD,
    CLAIM_GONE,
    CLAIM_UNREADABLE,
    CLAIMS_LOCKED,
    COMMAND_FAILED
  }

  private final Problem problem;
  private final String action;

  NetworkException(Problem problem, String what, String action) {
    this(problem, what, action, null);
  }

  NetworkException(Problem problem, String what, String action, Throwable cause) {
    super(what + (action.isEmpty() ? "" : ": " + action), cause);
    this.problem = problem;
    this.action = action;
  }

  public Problem problem() {
    return problem;
  }

  /** What the operator can do about it; empty when nothing is known. */
  public String action() {
    return action;
  }
}
