package dev.architekt.migration.wire;

import dev.architekt.linux.TlsFailure;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/** Says in words what went wrong in TLS, on the side that noticed and on the side that is told. */
final class TlsFailures {
  // RFC 8446, 6.2.
  private static final int BAD_CERTIFICATE = 42;
  private static final int CERTIFICATE_UNKNOWN = 46;
  private static final int CERTIFICATE_EXPIRED = 45;
  private static final int UNKNOWN_CA = 48;
  private static final int PROTOCOL_VERSION = 70;
  private static final int CERTIFICATE_REQUIRED = 116;

  // sslerr.h.
  private static final int HTTP_REQUEST = 156;
  private static final int NO_CERTIFICATE = 199;
  private static final int BAD_RECORD_TYPE = 443;
  private static final int WRONG_VERSION = 267;
  private static final int UNSUPPORTED_PROTOCOL = 258;
  private static final int TOO_OLD = 397;

  private TlsFailures() {}

  static TlsException describe(SocketAddress who, TlsFailure e, TlsTransport.Judge judge) {
    String name = text(who);
    Optional<Trust.Objection> objection = judge.objection();
    if (objection.isPresent()) {
      return new TlsException(name + " " + objection.get().text(), e);
    }
    Trust trust = judge.trust();
    String refused = name + " did not accept this side's certificate: ";
    return switch (e.alert()) {
      case UNKNOWN_CA, CERTIFICATE_UNKNOWN ->
          new TlsException(refused + trust.whenRefused(name, Trust.Doubt.UNKNOWN), e);
      case CERTIFICATE_EXPIRED ->
          new TlsException(refused + trust.whenRefused(name, Trust.Doubt.EXPIRED), e);
      case BAD_CERTIFICATE ->
          new TlsException(refused + trust.whenRefused(name, Trust.Doubt.NOT_YET_VALID), e);
      case CERTIFICATE_REQUIRED ->
          new TlsException(name + " wants a certificate, and this side has shown none", e);
      case PROTOCOL_VERSION -> new TlsException(name + " does not speak TLS 1.3", e);
      default -> new TlsException(other(name, e), e);
    };
  }

  private static String other(String name, TlsFailure e) {
    return switch (e.reason()) {
      case HTTP_REQUEST -> name + " is a web client (HTTP), not an Architekt peer";
      case NO_CERTIFICATE -> name + " has shown no certificate; this side wants one";
      case WRONG_VERSION, BAD_RECORD_TYPE ->
          name + " does not speak TLS: does it run with --insecure, and is it an Architekt peer?";
      case UNSUPPORTED_PROTOCOL, TOO_OLD -> name + " does not speak TLS 1.3";
      default -> "TLS with " + name + " failed: " + e.getMessage();
    };
  }

  private static String text(SocketAddress who) {
    return who instanceof InetSocketAddress address ? AddressText.of(address) : "the other side";
  }
}
