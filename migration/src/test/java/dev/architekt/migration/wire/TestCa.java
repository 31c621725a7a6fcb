package dev.architekt.migration.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate authority for one test, by the openssl command. */
final class TestCa {
  private final Path directory;
  private final String name;

  TestCa(Path directory, String name) throws Exception {
    this.directory = Files.createDirectories(directory);
    this.name = name;
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
        "-subj",
        "/CN=" + name,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem");
  }

  static boolean available() {
    return Files.isExecutable(Path.of("/usr/bin/openssl"));
  }

  /** A TLS directory for {@code subject}; {@code days} may be negative for one that has expired. */
  Path identity(Path home, String subject, int days) throws Exception {
    Files.createDirectories(home);
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=" + subject,
        "-keyout",
        home.resolve("key.pem").toString(),
        "-out",
        "request.pem");
    if (days > 0) {
      openssl(
          "x509",
          "-req",
          "-in",
          "request.pem",
          "-CA",
          "ca.pem",
          "-CAkey",
          "ca.key",
          "-CAcreateserial",
          "-days",
          "" + days,
          "-out",
          home.resolve("cert.pem").toString());
    } else {
      expired(home);
    }
    Files.copy(directory.resolve("ca.pem"), home.resolve("ca.pem"));
    return home;
  }

  /** Only the ca command of old versions of openssl can date a certificate back. */
  private void expired(Path home) throws Exception {
    Files.writeString(directory.resolve("index.txt"), "");
    Files.writeString(directory.resolve("serial"), "1000\n");
    Files.writeString(
        directory.resolve("ca.cnf"),
        """
        [ca]
        default_ca=c
        [c]
        database=index.txt
        serial=serial
        new_certs_dir=.
        default_md=sha256
        policy=p
        [p]
        commonName=supplied
        """);
    openssl(
        "ca",
        "-batch",
        "-config",
        "ca.cnf",
        "-cert",
        "ca.pem",
        "-keyfile",
        "ca.key",
        "-startdate",
        "20200101000000Z",
        "-enddate",
        "20200201000000Z",
        "-in",
        "request.pem",
        "-out",
        home.resolve("cert.pem").toString(),
        "-notext");
  }

  private void openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(name + ": " + String.join(" ", command) + ": " + output);
    }
  }
}
