package dev.architekt.migration.wire;

/** The other side understood the HELLO and said no. */
public final class RefusedException extends WireException {
  private static final long serialVersionUID = 1L;

  private final Refusal refusal;
  private final String text;

  RefusedException(String who, Refusal refusal, String text) {
    super(who + " refused: " + text + " (" + refusal + ")", null);
    this.refusal = refusal;
    this.text = text;
  }

  /** Why, for programs. */
  public Refusal refusal() {
    return refusal;
  }

  /** Why, for people. */
  public String text() {
    return text;
  }

  @Override
  public boolean mayRetry() {
    return refusal.mayRetry();
  }
}
