package dev.architekt.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A package is an ordinary tar.gz to everybody else's tools. */
@Tag("quick")
class ToolsTest {
  @TempDir Path dir;

  private static final List<String> NAMES =
      List.of(
          "manifest.json",
          "config",
          "kernel",
          "initramfs",
          "disk",
          "disk1",
          "memory",
          "state",
          ".no.prefetch.landmark",
          "stargz.index.json");

  @Test
  void tarListsAndExtractsIt() throws Exception {
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    assertThat(run("tar", "tzf", file.toString()).lines()).containsExactlyElementsOf(NAMES);
    run("tar", "xzf", file.toString(), "-C", dir.toString());
    assertThat(Files.readAllBytes(dir.resolve("memory")))
        .isEqualTo(Samples.contents().get("memory"));
    assertThat(Files.readAllBytes(dir.resolve("kernel")))
        .isEqualTo(Samples.contents().get("kernel"));
    assertThat(run("tar", "tvzf", file.toString())).contains("root/root").contains("2026-03-01");
  }

  @Test
  void gzipFindsItIntact() throws Exception {
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    Path gz = Files.copy(file, dir.resolve("p.tar.gz"));
    assertThat(run("gzip", "-tv", gz.toString())).contains("OK");
  }

  @Test
  void pythonReadsEveryEntry() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "needs python3");
    Path file = dir.resolve("p.ark");
    Samples.write(file);
    String script =
        "import tarfile,sys,hashlib,json\n"
            + "t=tarfile.open(sys.argv[1])\n"
            + "m=json.load(t.extractfile('manifest.json'))\n"
            + "for r in m['resources']:\n"
            + "  b=t.extractfile(r['name']).read()\n"
            + "  assert len(b)==r['sizeBytes'], r\n"
            + "  assert 'sha256:'+hashlib.sha256(b).hexdigest()==r['digest'], r\n"
            + "print(' '.join(t.getnames()))\n";
    assertThat(run("/usr/bin/python3", "-c", script, file.toString()).strip())
        .isEqualTo(String.join(" ", NAMES));
  }

  @Test
  void sizesBeyondOctalAreReadByTar() throws Exception {
    // Nine gigabytes as a header only: listing needs no more than that and an archive that ends
    // early.
    byte[] header = Tar.header("disk", 9L << 30, 1);
    Path file = Files.write(dir.resolve("big.tar"), header);
    Process tar =
        new ProcessBuilder("tar", "tvf", file.toString()).redirectErrorStream(true).start();
    assertThat(new String(tar.getInputStream().readAllBytes())).contains("9663676416");
    tar.waitFor();
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", command[0]).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
