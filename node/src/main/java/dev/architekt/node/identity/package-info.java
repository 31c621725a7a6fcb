/**
 * Who this node is, whom it trusts, and with what.
 *
 * <pre>
 *   identity folder (0700)          /etc/architekt/identity, or ~/.config/architekt/identity
 *     key.pem  (0600)               its key, made once
 *     cert.pem                      a certificate of it: its own, or one that a CA has signed
 *     trusted                       NAME RIGHTS KEY, one a line ({@link dev.architekt.node.identity.TrustFile})
 * </pre>
 *
 * {@link dev.architekt.node.identity.Security} makes of it what the wire needs: TLS with the own
 * identity, the judgement of others' keys in the handshake, and that of their rights at HELLO. The
 * file is read again when it has changed, so that a running listener knows whom somebody has just
 * trusted. No threads.
 */
package dev.architekt.node.identity;
