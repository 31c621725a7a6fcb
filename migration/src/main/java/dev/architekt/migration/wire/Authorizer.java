package dev.architekt.migration.wire;

/** Decides who may do what; called once a link, on the thread of its control lane's handshake. */
@FunctionalInterface
public interface Authorizer {
  /** What is answered to a HELLO. */
  sealed interface Verdict {
    /** Yes. */
    record Allow() implements Verdict {}

    /** No; {@code text} is for people, at most 4,096 bytes. */
    record Refuse(Refusal refusal, String text) implements Verdict {}
  }

  /** Judges; must return soon, since the dialer waits (within the handshake's time limit). */
  Verdict judge(Hello hello, Peer peer);
}
