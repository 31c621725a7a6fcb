package dev.architekt.node.blueprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which units of a root become services, and what is said about those that do not. */
class GuestServicesTest {
  private static final String UNITS = "usr/lib/systemd/system/";
  private static final String WANTED = "etc/systemd/system/multi-user.target.wants/";

  @TempDir Path folder;
  private Path root;
  private final List<String> said = new ArrayList<>();
  private final StringBuilder status = new StringBuilder();

  @BeforeEach
  void anEmptyRoot() throws IOException {
    root = folder.toRealPath();
    write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:34::/srv/web:/bin/false\n");
    write("etc/group", "root:x:0:\nweb:x:34:\n");
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String read(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  /** A package with one unit. */
  private void install(String name, String depends, String unit, String text) throws IOException {
    status.append("Package: ").append(name).append("\nStatus: install ok installed\nVersion: 1\n");
    status.append(depends.isEmpty() ? "\n" : "Depends: " + depends + "\n\n");
    write("var/lib/dpkg/status", status.toString());
    write(
        "var/lib/dpkg/info/" + name + ".list",
        unit.isEmpty() ? "/.\n" : "/.\n/lib/systemd/system/" + unit + "\n");
    if (!unit.isEmpty()) {
      write(UNITS + unit, text);
    }
  }

  private void enable(String unit) throws IOException {
    Files.createDirectories(root.resolve(WANTED));
    Files.createSymbolicLink(
        root.resolve(WANTED + unit), Path.of("/usr/lib/systemd/system/" + unit));
  }

  private List<String> translate(String... named) throws IOException {
    var database = new PackageDatabase(root);
    Set<String> kept = database.closure(List.of(named), Set.of());
    return new GuestServices(root, said::add).translate(Set.of(named), kept, database);
  }

  @Test
  void anEnabledUnitBecomesARunScriptOfItsUser() throws IOException {
    install("web", "", "web.service", "[Service]\nUser=www\nExecStart=/usr/sbin/web\n");
    enable("web.service");
    assertThat(translate("web")).containsExactly("web");
    assertThat(read("etc/architekt/services/web"))
        .contains("export HOME=/srv/web\n", "-c www:web -x /usr/sbin/web");
    assertThat(said).isEmpty();
  }

  @Test
  void partsOfAUnitAreReadAfterIt() throws IOException {
    install("web", "", "web.service", "[Service]\nExecStart=/usr/sbin/web\n");
    enable("web.service");
    write("etc/systemd/system/web.service.d/override.conf", "[Service]\nEnvironment=A=1\n");
    translate("web");
    assertThat(read("etc/architekt/services/web")).contains("export A='1'");
  }

  @Test
  void aUnitThatNeedsSystemdIsAnErrorUnlessARunScriptTakesItsPlace() throws IOException {
    install("bus", "", "bus.service", "[Service]\nType=dbus\nExecStart=/usr/sbin/bus\n");
    enable("bus.service");
    assertThatThrownBy(() -> translate("bus"))
        .isInstanceOf(BlueprintException.class)
        .hasMessageContaining("bus.service of package bus")
        .hasMessageContaining("etc/architekt/services/bus");
    write("etc/architekt/services/bus", "#!/bin/sh\nexec /usr/sbin/bus\n");
    assertThat(translate("bus")).isEmpty();
    assertThat(read("etc/architekt/services/bus")).endsWith("exec /usr/sbin/bus\n");
  }

  @Test
  void theSameInADependencyIsAWarning() throws IOException {
    install("bus", "", "bus.service", "[Service]\nType=dbus\nExecStart=/usr/sbin/bus\n");
    install("web", "bus", "web.service", "[Service]\nExecStart=/usr/sbin/web\n");
    enable("bus.service");
    enable("web.service");
    assertThat(translate("web")).containsExactly("web");
    assertThat(said).singleElement().asString().contains("warning: bus.service of package bus");
  }

  @Test
  void aPackageWithoutARunningServiceIsNamed() throws IOException {
    install("web", "", "web.service", "[Service]\nExecStart=/usr/sbin/web\n");
    enable("web.service");
    install("tool", "", "", "");
    install("sync", "", "sync.service", "[Service]\nExecStart=/usr/bin/sync\n");
    translate("web", "tool", "sync");
    assertThat(said)
        .anyMatch(text -> text.contains("package tool") && text.contains("no systemd unit"))
        .anyMatch(
            text -> text.contains("package sync") && text.contains("sync.service is not enabled"))
        .hasSize(2);
  }

  @Test
  void aUserThatNobodyMadeIsAnErrorAndADynamicOneIsMade() throws IOException {
    install("web", "", "web.service", "[Service]\nUser=ghost\nExecStart=/usr/sbin/web\n");
    enable("web.service");
    assertThatThrownBy(() -> translate("web")).hasMessageContaining("user 'ghost'");
    write(UNITS + "web.service", "[Service]\nDynamicUser=yes\nExecStart=/usr/sbin/web\n");
    translate("web");
    assertThat(read("etc/passwd")).endsWith("web:x:61184:61184::/:/usr/sbin/nologin\n");
    assertThat(read("etc/architekt/services/web")).contains("-c web:web -x /usr/sbin/web");
  }

  @Test
  void eachPostgresClusterThatStartsByItselfIsAService() throws IOException {
    install("db", "", "postgresql.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n");
    enable("postgresql.service");
    write(
        UNITS + "postgresql@.service",
        "[Service]\nType=forking\nExecStart=-/usr/bin/pg_ctlcluster %i start\nPIDFile=/run/postgresql/%i.pid\n");
    write("var/lib/dpkg/info/db.list", "/lib/systemd/system/postgresql@.service\n");
    write("etc/postgresql/15/main/start.conf", "# comment\nauto\n");
    write("etc/postgresql/15/main/postgresql.conf", "#listen_addresses = 'localhost'\n");
    write("etc/postgresql/15/main/pg_hba.conf", "local all all peer\nhost all all ::1/128 md5\n");
    write("etc/postgresql/15/spare/start.conf", "manual\n");
    assertThat(translate("db")).containsExactly("postgresql@15-main");
    assertThat(read("etc/architekt/services/postgresql@15-main"))
        .contains("/usr/bin/pg_ctlcluster 15-main start || :\n", "/run/postgresql/15-main.pid");

    var services = new GuestServices(root, said::add);
    services.openToTheOutside();
    services.openToTheOutside();
    assertThat(read("etc/postgresql/15/main/conf.d/00-architekt.conf")).contains("'*'");
    assertThat(read("etc/postgresql/15/main/pg_hba.conf")).containsOnlyOnce("scram-sha-256");
    assertThat(services.ports()).containsExactly("tcp/5432");
  }

  @Test
  void mosquittoListensOutsideUnlessItsConfigurationHasAListener() throws IOException {
    write("etc/mosquitto/mosquitto.conf", "include_dir /etc/mosquitto/conf.d\n");
    write("etc/mosquitto/conf.d/own.conf", "password_file /etc/mosquitto/users\n");
    new GuestServices(root, said::add).openToTheOutside();
    assertThat(read("etc/mosquitto/conf.d/architekt.conf"))
        .contains("listener 1883")
        .doesNotContain("allow_anonymous");
    Files.delete(root.resolve("etc/mosquitto/conf.d/architekt.conf"));
    write("etc/mosquitto/conf.d/own.conf", "listener 8883\n");
    new GuestServices(root, said::add).openToTheOutside();
    assertThat(root.resolve("etc/mosquitto/conf.d/architekt.conf")).doesNotExist();
  }
}
