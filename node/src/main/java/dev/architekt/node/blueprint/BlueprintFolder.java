package dev.architekt.node.blueprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The folder that a build fills: what is in it already, and how it gets its files. */
final class BlueprintFolder {
  private static final Duration SHORT = Duration.ofMinutes(1);

  private BlueprintFolder() {}

  /** What is in the folder, if these inputs made it and it is whole; otherwise null. */
  static Blueprint present(Path output, String inputs) {
    try {
      Blueprint found = Blueprint.open(output);
      return found.manifest().inputs().equals(inputs) ? found : null;
    } catch (IOException e) {
      return null; // Nothing there, or nothing usable: that is what a build is for.
    }
  }

  /** Size and digest of each of the three files. */
  static List<BlueprintManifest.File> files(Tool tool, Path built)
      throws IOException, InterruptedException {
    List<BlueprintManifest.File> files = new ArrayList<>();
    for (String name : List.of(Blueprint.KERNEL, Blueprint.INITRAMFS, Blueprint.DISK)) {
      Path file = built.resolve(name);
      String blocks =
          tool.check(
              "measure " + name,
              List.of("/usr/bin/stat", "-c", "%b", file.toString()),
              Map.of(),
              SHORT);
      files.add(
          new BlueprintManifest.File(
              name,
              Files.size(file),
              Long.parseLong(blocks.strip()) * 512,
              InputsDigest.sha256Of(file)));
    }
    return files;
  }

  /** The manifest goes last and comes away first: without it the folder counts as no blueprint. */
  static void moveTo(Path output, Path built) throws IOException {
    Files.createDirectories(output);
    Files.deleteIfExists(output.resolve(Blueprint.MANIFEST));
    for (String name :
        List.of(Blueprint.KERNEL, Blueprint.INITRAMFS, Blueprint.DISK, Blueprint.MANIFEST)) {
      Path target = output.resolve(name);
      if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new BlueprintException(target + " is a folder, expected a file or nothing");
      }
      Files.move(built.resolve(name), target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
