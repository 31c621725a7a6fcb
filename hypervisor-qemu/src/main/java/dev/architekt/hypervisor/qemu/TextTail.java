package dev.architekt.hypervisor.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The end of a text file that another process writes to, for messages; and keeps such a file
 * bounded.
 */
final class TextTail {
  private static final int READ_MAX = 32 << 10;
  private static final long SIZE_MAX = 8L << 20;
  private static final int KEPT = 512 << 10;

  private TextTail() {}

  /**
   * At most {@code lines} last lines; what cannot be read counts as empty, since a message must
   * come out anyway.
   */
  static String of(Path file, int lines) {
    String text;
    try {
      text = new String(end(file, READ_MAX), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
    List<String> all = text.replace("\r", "").lines().filter(line -> !line.isBlank()).toList();
    return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }

  /**
   * Cuts the file down to its end once it is over 8 MiB. Its writer appends (O_APPEND), so it goes
   * on at the new end; what it writes during the cut may be lost.
   */
  static void bound(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (channel.size() <= SIZE_MAX) {
        return;
      }
      ByteBuffer kept = ByteBuffer.wrap(end(file, KEPT));
      channel.truncate(0);
      while (kept.hasRemaining()) {
        channel.write(kept);
      }
    }
  }

  private static byte[] end(Path file, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, length));
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, size - bytes.capacity() + bytes.position()) < 0) {
          break;
        }
      }
      byte[] text = new byte[bytes.position()];
      bytes.flip().get(text);
      return text;
    }
  }
}
