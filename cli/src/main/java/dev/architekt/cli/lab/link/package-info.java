/**
 * A long, slow or lossy line between two bridges of one machine, for kernels without netem: the
 * kernel's HTB sets the rate, a relay between two taps the delay and the loss.
 *
 * <pre>
 *   bridge ── tap (HTB) ──▶ read │ waits RTT/2, or is lost │ write ──▶ tap ── bridge
 * </pre>
 */
package dev.architekt.cli.lab.link;
