package dev.architekt.migration.wire;

import java.net.SocketAddress;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Says in words what went wrong in TLS, on the side that noticed and on the side that is told. */
final class TlsFailures {
  private TlsFailures() {}

  static TlsException describe(SocketAddress who, SSLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case CertificateExpiredException _ -> {
          return failed("the certificate of " + who + " has expired", cause, e);
        }
        case CertificateNotYetValidException _ -> {
          return failed("the certificate of " + who + " is not valid yet", cause, e);
        }
        case CertPathValidatorException _ -> {
          if (!(cause.getCause() instanceof CertificateExpiredException)) {
            return failed("the certificate of " + who + " is not signed by ca.pem", cause, e);
          }
        }
        default -> {}
      }
    }
    String text = String.valueOf(e.getMessage());
    String small = text.toLowerCase(Locale.ROOT);
    if (small.contains("unable to find valid certification path")) {
      return failed("the certificate of " + who + " is not signed by a CA in ca.pem", e, e);
    }
    if (small.contains("received fatal alert")) {
      return failed(who + " did not accept our certificate", e, e);
    }
    if (small.contains("empty client certificate")) {
      // A dialer that has none of the listener's CA shows none at all.
      return failed(who + " has shown no certificate that is signed by a CA in ca.pem", e, e);
    }
    if (small.contains("not an ssl/tls record") || small.contains("unrecognized ssl message")) {
      return failed(who + " does not speak TLS: does it run with --tls-dir?", e, e);
    }
    return failed("TLS with " + who + " failed", e, e);
  }

  private static TlsException failed(String what, Throwable detail, SSLException e) {
    return new TlsException(what + " (" + detail.getMessage() + ")", e);
  }
}
