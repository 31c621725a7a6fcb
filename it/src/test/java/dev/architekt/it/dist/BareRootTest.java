package dev.architekt.it.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In a Debian where nothing is but what the package asks for, the first minutes go as promised. */
@Tag("vm")
@Tag("full")
@Timeout(value = 900, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BareRootTest {
  private static final String DEMO = "cd /root && architekt demo --hops 2";

  @Test
  void theDebianPackageInstallsAndTheDemoPasses() throws Exception {
    try (BareRoot bare = BareRoot.idle(BareRoot.Network.HOST)) {
      bare.copyIn(Dist.deb(), "/root/architekt.deb");
      // Offline: whatever it depends on must be named, and is there.
      bare.run("apt-get install -y /root/architekt.deb");
      assertThat(bare.run("architekt --version")).startsWith("architekt 0.");
      assertThat(bare.attempt("architekt doctor").status()).isZero();
      assertThat(bare.run("man -w architekt architekt-peer")).contains("man1");
      assertThat(bare.run("which java mvn git || true")).isEmpty();
      assertThat(bare.run(DEMO)).contains("PASSED");
      bare.run("apt-get purge -y architekt");
      assertThat(left(bare)).isEmpty();
    }
  }

  @Test
  void theTarRunsTheDemoToo() throws Exception {
    try (BareRoot bare = BareRoot.idle(BareRoot.Network.HOST)) {
      bare.copyIn(Dist.tar(), "/root/architekt.tar.gz");
      bare.run(
          "cd /opt && tar xzf /root/architekt.tar.gz && ln -s /opt/architekt-*/bin/architekt /usr/local/bin/");
      assertThat(bare.attempt("architekt doctor").status()).isZero();
      assertThat(bare.run("export PATH=/usr/local/bin:$PATH; " + DEMO)).contains("PASSED");
    }
  }

  /** Files that bear the name and are neither the test's own nor the demo's results. */
  static String left(BareRoot bare) throws Exception {
    return bare.run(
        "find / /run -xdev -name '*architekt*' -not -path '/root/*' -not -path '/proc/*'"
            + " -not -path '/var/cache/man/*' -not -path '/var/log/*'");
  }
}
