package dev.architekt.network;

import dev.architekt.linux.Namespaces;
import dev.architekt.linux.ProcessIdentity;
import dev.architekt.linux.Processes;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node in a process of its own, to be killed: claims a namespace, does what its words say, prints
 * the namespace's name and then waits for its input to end.
 */
final class ClaimProgram {
  private ClaimProgram() {}

  /** The program in the calling thread's network namespace; words: {@code announce}, {@code vm}. */
  static Process start(Path claims, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx48m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                ClaimProgram.class.getName(),
                claims.toString()));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Tests run patched into their module; a plain class path says the same to a child. */
  private static String classPath() {
    return String.join(
        File.pathSeparator,
        System.getProperty("jdk.module.path", ""),
        System.getProperty("java.class.path", ""),
        location(ClaimProgram.class),
        location(NamespaceClaim.class),
        location(Namespaces.class));
  }

  private static String location(Class<?> type) {
    // Not the module's location, which knows nothing of the folder of tests patched into it.
    String name = "/" + type.getName().replace('.', '/') + ".class";
    String url = type.getResource(name).getPath();
    return url.substring(0, url.length() - name.length())
        .replaceFirst("^file:", "")
        .replaceFirst("!$", "");
  }

  public static void main(String[] args) throws IOException {
    List<String> words = List.of(args).subList(1, args.length);
    NamespaceClaims claims = new NamespaceClaims(Path.of(args[0]));
    NamespaceClaim claim = claims.claim(Lab.NETWORK, Optional.empty());
    if (words.contains("announce")) {
      AnnounceReachability reachability = claim.reachability();
      reachability.prepare(Lab.OUTER);
      reachability.announce();
    }
    if (words.contains("vm")) {
      long pid =
          Namespaces.inNetwork(
              claim.namespace(),
              "vm-start",
              () ->
                  Processes.spawnSession(
                      List.of("/bin/sleep", "300"),
                      Map.of(),
                      Path.of("/dev/null"),
                      List.of(claim.tap().fd())));
      claim.recordVm(ProcessIdentity.of(pid));
    }
    System.out.println(claim.name());
    System.out.flush();
    while (System.in.read() >= 0) {
      // until the test ends it, one way or the other
    }
    claim.close();
  }
}
