package dev.architekt.migration.wire;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The one identity of this side, shown to everybody: a certificate that the other side does not
 * trust is then refused with that reason, instead of being missing. A key store would do as well,
 * but takes a second to encrypt the key for nobody.
 */
final class OneKey extends X509ExtendedKeyManager {
  private static final String NAME = "own";

  private final PrivateKey key;
  private final X509Certificate[] chain;

  OneKey(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain.toArray(X509Certificate[]::new);
  }

  private String ifOf(String... kinds) {
    for (String kind : kinds) {
      if (kind.equals(key.getAlgorithm())) {
        return NAME;
      }
    }
    return null;
  }

  @Override
  public String chooseEngineClientAlias(String[] kinds, Principal[] issuers, SSLEngine engine) {
    return ifOf(kinds);
  }

  @Override
  public String chooseEngineServerAlias(String kind, Principal[] issuers, SSLEngine engine) {
    return ifOf(kind);
  }

  @Override
  public String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
    return ifOf(kinds);
  }

  @Override
  public String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
    return ifOf(kind);
  }

  @Override
  public String[] getClientAliases(String kind, Principal[] issuers) {
    return new String[] {NAME};
  }

  @Override
  public String[] getServerAliases(String kind, Principal[] issuers) {
    return new String[] {NAME};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.clone();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return key;
  }
}
