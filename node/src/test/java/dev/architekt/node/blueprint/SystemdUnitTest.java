package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a unit file says has to survive its translation to a run script. */
class SystemdUnitTest {

  private static String script(String name, String service) throws Exception {
    SystemdUnit unit = SystemdUnit.parse(name, "[Unit]\nExecStart=/wrong\n[Service]\n" + service);
    String user = unit.last("User", "root");
    Accounts.Account account =
        new Accounts.Account(user, unit.last("Group", user), "/home/" + user);
    return new ServiceScript(unit, "", null, account).text();
  }

  @Test
  void aPlainServiceIsReplacedByItsProgram() throws Exception {
    assertThat(script("web", "ExecStart=/usr/bin/web --name 'two words'\n"))
        .endsWith("exec /usr/bin/web --name 'two words'\n");
  }

  @Test
  void anotherUserRunsThroughStartStopDaemon() throws Exception {
    assertThat(script("web", "User=www\nGroup=data\nExecStart=/usr/bin/web -x\n"))
        .contains("-c www:data -x /usr/bin/web -- -x");
  }

  @Test
  void foldersBelongToTheUser() throws Exception {
    assertThat(
            script(
                "web",
                "User=www\nRuntimeDirectory=web\nRuntimeDirectoryMode=2755\nStateDirectory=a b\nExecStart=/w\n"))
        .contains("mkdir -p /run/web && chmod 2755 /run/web\nchown www:www /run/web")
        .contains("mkdir -p /var/lib/a && chmod 0755")
        .contains("chown www:www /var/lib/b");
  }

  @Test
  void environmentKeepsItsQuotes() throws Exception {
    assertThat(
            script(
                "web",
                "Environment=A=1 \"B=it's two\"\nEnvironmentFile=-/etc/default/web\nExecStart=/w $A ${B}x\n"))
        .contains("export A='1'\n")
        .contains("export B='it'\\''s two'\n")
        .contains("if [ -r /etc/default/web ]; then environment_file /etc/default/web; fi\n")
        .endsWith("exec /w $A \"${B}x\"\n");
  }

  @Test
  void anEmptyAssignmentForgetsWhatCameBefore() throws Exception {
    assertThat(script("web", "ExecStart=/old\nExecStart=\nExecStart=/new\n"))
        .endsWith("exec /new\n")
        .doesNotContain("/old");
  }

  @Test
  void preparationThatFailsStopsTheStartUnlessItIsAllowedTo() throws Exception {
    assertThat(script("web", "ExecStartPre=/check -q\nExecStartPre=-/clean\nExecStart=/w\n"))
        .contains("/check -q || exit\n/clean || :\n");
  }

  @Test
  void aForkingServiceIsWaitedForByItsPidFile() throws Exception {
    assertThat(script("web", "Type=forking\nPIDFile=/var/run/web.pid\nExecStart=/w -d\n"))
        .contains("/w -d || exit\n")
        .contains("read -r pid </run/web.pid || [ -n \"$pid\" ] || exit 1\n")
        .endsWith("while [ -d \"/proc/$pid\" ]; do sleep 1; done\n");
  }

  @Test
  void aForkingServiceWithoutAPidFileIsWaitedForByItsGroup() throws Exception {
    assertThat(script("web", "Type=forking\nExecStart=-/w -d\n"))
        .endsWith("/w -d || :\nwait_for_group\n");
  }

  @Test
  void aUserOfItsOwnHasAHome() throws Exception {
    assertThat(script("web", "User=www\nWorkingDirectory=~\nStandardOutput=null\nExecStart=/w\n"))
        .contains("export HOME=/home/www\nexport USER=www LOGNAME=www SHELL=/bin/sh\n")
        .contains("cd /home/www\n")
        .contains("exec >/dev/null\nexec start-stop-daemon");
    assertThat(script("web", "ExecStart=/w\n")).doesNotContain("HOME");
  }

  @Test
  void anEnvironmentFileThatHasToBeThereStopsTheStart() throws Exception {
    assertThat(script("web", "EnvironmentFile=/etc/web\nExecStart=/w\n"))
        .contains("else echo \"missing: \"/etc/web; exit 1; fi\n");
  }

  @Test
  void whatOnlySystemdCanDoIsAnObstacle() {
    assertThat(obstacle("[Service]\nType=dbus\nExecStart=/w\n")).contains("D-Bus");
    assertThat(obstacle("[Unit]\nRequires=a.target web.socket\n[Service]\nExecStart=/w\n"))
        .contains("web.socket");
    assertThat(obstacle("[Service]\nType=simple\n")).contains("ExecStart");
    SystemdUnit plain = SystemdUnit.parse("web", "[Service]\nExecStart=/w\n");
    assertThat(plain.obstacle(Set.of("other"))).isEmpty();
    assertThat(plain.obstacle(Set.of("web"))).isPresent();
  }

  private static String obstacle(String text) {
    return SystemdUnit.parse("web", text).obstacle(Set.of()).orElse("none");
  }

  @Test
  void linesThatGoOnAndSpecifiersAreResolved() throws Exception {
    assertThat(script("db@main", "ExecStart=/db \\\n  --name %i --run %t/%p --percent %%\n"))
        .endsWith("exec /db --name main --run /run/db --percent %\n");
  }

  @Test
  void aUnitThatStartsNothingSaysWhatToDo() {
    assertThatThrownBy(() -> script("web", "Type=oneshot\n"))
        .isInstanceOf(BlueprintException.class)
        .hasMessageContaining("/etc/architekt/services/web");
  }

  @Test
  void aWordOfAShellStaysOneWord() {
    assertThat(CommandLine.quote("a;rm -rf $HOME")).isEqualTo("'a;rm -rf $HOME'");
    assertThat(CommandLine.quote("")).isEqualTo("''");
    assertThat(CommandLine.quote("`id`${A}")).isEqualTo("\"\\`id\\`${A}\"");
  }
}
