package dev.architekt.node.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A host whose files lie under a folder: {@code /} for the real one. */
final class LocalHost implements Host {
  private static final int TEXT_MAX = 1 << 20;
  private static final int SECONDS_MAX = 10;
  // Root's folders too: a PATH of an ordinary user has none of them.
  private static final List<String> FOLDERS =
      List.of("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin");

  private final Path root;
  private final Kernel kernel;

  LocalHost(Path root, Kernel kernel) {
    this.root = root;
    this.kernel = kernel;
  }

  @Override
  public boolean exists(String path) {
    return Files.exists(under(path));
  }

  @Override
  public Optional<String> text(String path) {
    try (InputStream in = Files.newInputStream(under(path))) {
      return Optional.of(new String(in.readNBytes(TEXT_MAX), StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Missing or not for us: either way it tells nothing, and the finding says so.
      return Optional.empty();
    }
  }

  @Override
  public Optional<String> kind(String path) throws IOException {
    return Device.kind(under(path));
  }

  @Override
  public long freeBytes(Path path) throws IOException {
    Path there = path.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return Files.getFileStore(there).getUsableSpace();
  }

  @Override
  public Optional<List<String>> run(String program, String... arguments) {
    for (String folder : FOLDERS) {
      Path file = root.resolve(folder).resolve(program);
      if (Files.isExecutable(file)) {
        return run(file, arguments);
      }
    }
    return Optional.empty();
  }

  private static Optional<List<String>> run(Path program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process = null;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      FutureTask<String> errors = read(process.getErrorStream());
      Thread.ofPlatform().daemon().start(errors);
      FutureTask<String> output = read(process.getInputStream());
      output.run();
      boolean fine = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0;
      return fine
          ? Optional.of(Stream.concat(output.get().lines(), errors.get().lines()).toList())
          : Optional.empty();
    } catch (ExecutionException e) {
      return Optional.empty(); // nobody can say what it printed
    } catch (IOException e) {
      // A program that cannot be started is as good as none.
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  private static FutureTask<String> read(InputStream stream) {
    return new FutureTask<>(() -> new String(stream.readNBytes(TEXT_MAX), StandardCharsets.UTF_8));
  }

  @Override
  public Kernel kernel() {
    return kernel;
  }

  private Path under(String path) {
    return root.resolve(path.substring(1));
  }
}
