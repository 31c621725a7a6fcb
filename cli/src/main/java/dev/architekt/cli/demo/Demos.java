package dev.architekt.cli.demo;

import dev.architekt.linux.Pidfd;
import dev.architekt.linux.ProcessIdentity;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The demos of this machine, one file each. Several may run at once: each has a name of its own,
 * and its hosts a switch of their own.
 */
final class Demos {
  /** Below {@code /run}: after a reboot nothing of a demo is left. */
  static final Path DIRECTORY = Path.of("/run/architekt/demos");

  static final String WORK_PREFIX = "architekt-demo-";
  private static final String FIRST = "demo";
  private static final int DEMOS_MAX = 9;
  private static final String REMOVING = ".removing-";

  private final Path directory;

  Demos(Path directory) {
    this.directory = directory;
  }

  /**
   * Takes the first free name, {@code demo}, {@code demo2}, …, for this process.
   *
   * @throws IOException when all are taken; the message says by whom
   */
  DemoRecord claim(Path work) throws IOException {
    Files.createDirectories(directory);
    ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current().pid());
    for (int number = 1; number <= DEMOS_MAX; number++) {
      String name = number == 1 ? FIRST : FIRST + number;
      DemoRecord record = new DemoRecord(name, self, work, false, List.of());
      if (create(record)) {
        if (!isBeingRemoved(name)) {
          return record;
        }
        Files.deleteIfExists(file(name)); // its hosts are still there
      }
    }
    throw new IOException(
        DEMOS_MAX
            + " demos are running or were left by --keep (see "
            + directory
            + "); remove those that were kept with: demo --remove");
  }

  /** Exclusive, and with its content at once. */
  private boolean create(DemoRecord record) throws IOException {
    Path temporary = write(record);
    try {
      Files.createLink(file(record.name()), temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  void replace(DemoRecord record) throws IOException {
    Files.move(write(record), file(record.name()), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path write(DemoRecord record) throws IOException {
    Path temporary = Files.createTempFile(directory, "new-", "");
    return Files.writeString(temporary, record.text());
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private boolean isBeingRemoved(String name) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, name + REMOVING + "*")) {
      return files.iterator().hasNext();
    }
  }

  /** Forgets this process's own demo, and the folder with the last one. */
  void delete(DemoRecord record) throws IOException {
    delete(file(record.name()));
  }

  /** Forgets a demo whose removal this process began. */
  void endRemoval(DemoRecord record) throws IOException {
    delete(removing(record));
  }

  private void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    for (Path folder : List.of(directory, directory.getParent())) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException e) {
        return; // others are at work
      }
    }
  }

  /**
   * All that are written down: running, kept and abandoned; without those that another process is
   * removing.
   */
  List<DemoRecord> list() throws IOException {
    List<DemoRecord> records = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, FIRST + "*")) {
      for (Path file : files) {
        if (removerIsAlive(file.getFileName().toString())) {
          continue;
        }
        records.add(read(file));
      }
    } catch (NoSuchFileException e) {
      return records; // none, or one that ended meanwhile
    }
    return records;
  }

  private static DemoRecord read(Path file) throws IOException {
    try {
      if (Files.size(file) > DemoRecord.TEXT_MAX) {
        throw new IOException("longer than " + DemoRecord.TEXT_MAX + " bytes");
      }
      return DemoRecord.parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage() + "; delete the file", e);
    }
  }

  private static boolean removerIsAlive(String name) {
    int at = name.indexOf(REMOVING);
    return at >= 0
        && ProcessHandle.of(Long.parseLong(name.substring(at + REMOVING.length()))).isPresent();
  }

  /**
   * Takes on the removal of a demo; false when another process was faster. A remover that is killed
   * has its successor too.
   */
  boolean beginRemoval(DemoRecord record) throws IOException {
    Path target = removing(record);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, record.name() + "{,.removing-*}")) {
      for (Path file : files) {
        if (!removerIsAlive(file.getFileName().toString())) {
          Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
          return true;
        }
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return false;
  }

  private Path removing(DemoRecord record) {
    return directory.resolve(record.name() + REMOVING + ProcessHandle.current().pid());
  }

  /** Whether nobody is there any more who will remove it, though nobody asked to keep it. */
  static boolean isAbandoned(DemoRecord record) throws IOException {
    return !record.kept() && !isAlive(record.owner());
  }

  static boolean isAlive(ProcessIdentity process) throws IOException {
    var open = process.open();
    open.ifPresent(Pidfd::close);
    return open.isPresent();
  }
}
