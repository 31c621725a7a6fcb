package dev.architekt.cli;

import dev.architekt.node.CommandName;
import dev.architekt.node.Registry;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code architekt registry}. */
@Command(
    name = "registry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves packages, read-only, to any number of peers: the one in a file, or all of a folder.",
      "What is added to the folder, replaced or removed while it runs counts from the next connection on;"
          + " whoever reads a package already has it to its end.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  One package:",
      "    architekt registry --package-path out/redis.ark",
      "    architekt peer --raddr localhost:1337      (on any host that reaches it)",
      "  Several, each called as its file is, without .ark:",
      "    architekt registry --package-path out",
      "    architekt inspect localhost:1337",
      "    architekt peer --raddr localhost:1337/redis"
    })
final class RegistryCommand implements Callable<Integer> {
  @Option(
      names = "--package-path",
      paramLabel = "FILE|DIR",
      defaultValue = "out/redis.ark",
      description = "The package, or a folder of packages (default: ${DEFAULT-VALUE}).")
  Path packagePath;

  @Option(
      names = "--laddr",
      paramLabel = "[HOST]:PORT",
      defaultValue = ":1337",
      description = "Where to listen (default: ${DEFAULT-VALUE}).")
  String laddr;

  @Option(
      names = "--public",
      description =
          "Everybody who reaches it may read, strangers too (still encrypted). A package has the memory of its"
              + " VM in it.")
  boolean open;

  @Mixin SecurityOptions security;
  @Mixin OutputOptions output;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Checks check = new Checks(spec);
    check.local("--laddr", laddr);
    check.there(
        "--package-path",
        packagePath,
        "make one with: " + CommandName.typed() + " packager --package-output-path " + packagePath);
    security.check(check);
    return new Registry(packagePath, laddr, security.chosen(), open, output.open()).run();
  }
}
