package dev.architekt.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Keeps the last lines that a process wrote, within twice a bound: what does not fit any more goes
 * to {@code NAME.1}, in place of what was there. A line that cannot be written is dropped, since
 * nothing depends on it. For one process, and one thread at a time.
 */
public final class LogFile implements AutoCloseable {
  /** Bytes of each of the two files. */
  public static final long BYTES_MAX = 1 << 20;

  private final Path file;
  private final long bytesMax;
  private OutputStream out;
  private long size;

  /** Goes on with what is there. */
  public LogFile(Path file) {
    this(file, BYTES_MAX);
  }

  LogFile(Path file, long bytesMax) {
    this.file = file;
    this.bytesMax = bytesMax;
  }

  /** Where the older lines of {@code file} are, if there are any. */
  public static Path older(Path file) {
    return file.resolveSibling(file.getFileName() + ".1");
  }

  /** Adds a line. */
  public void line(String text) {
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (out == null) {
        open();
      }
      if (size > 0 && size + bytes.length > bytesMax) {
        rotate();
      }
      out.write(bytes);
      size += bytes.length;
    } catch (IOException e) {
      System.getLogger(LogFile.class.getName()).log(System.Logger.Level.DEBUG, "no log", e);
      close();
    }
  }

  private void open() throws IOException {
    size = Files.exists(file) ? Files.size(file) : 0;
    out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void rotate() throws IOException {
    close();
    Files.move(
        file, older(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    open();
  }

  @Override
  public void close() {
    if (out == null) {
      return;
    }
    try {
      out.close();
    } catch (IOException e) {
      System.getLogger(LogFile.class.getName()).log(System.Logger.Level.DEBUG, "no log", e);
    }
    out = null;
  }
}
