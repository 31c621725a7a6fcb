package dev.architekt.cli.text;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The last lines of a file that somebody else writes. */
public final class FileTail {
  /** Most bytes that are looked at. */
  private static final long BYTES_MAX = 8 << 20;

  private FileTail() {}

  /** At most {@code count} last lines; none when there is no such file. */
  public static List<String> lines(Path file, int count) throws IOException {
    if (!Files.isReadable(file)) {
      return List.of();
    }
    List<String> all = new Position(file).lines();
    return all.subList(Math.max(0, all.size() - count), all.size());
  }

  /** Where in a file one has read up to. */
  public static final class Position {
    private final Path file;
    private Object key;
    private long read;

    public Position(Path file) {
      this.file = file;
    }

    /**
     * What has come since the last call, in whole lines; from the beginning the first time, and
     * when another file has taken the name. At most the last 8 MiB of it.
     */
    public List<String> lines() throws IOException {
      if (!Files.exists(file)) {
        return List.of();
      }
      Object now = Files.getAttribute(file, "unix:ino");
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        long length = in.length();
        if (!now.equals(key) || length < read) {
          key = now;
          read = 0;
        }
        long from = Math.max(read, length - BYTES_MAX);
        byte[] bytes = new byte[(int) (length - from)];
        in.seek(from);
        in.readFully(bytes);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
          end--; // the rest of a line is still to come
        }
        read = from + end;
        return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
      }
    }
  }
}
