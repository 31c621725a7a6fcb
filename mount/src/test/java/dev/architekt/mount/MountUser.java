package dev.architekt.mount;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/**
 * Uses a mounted file, in a process of its own: the test's JVM serves the mount and must never
 * fault on it. Answers a line with a line.
 */
final class MountUser {
  private static final int PAGE = 4096;
  private final FileChannel file;
  private MappedByteBuffer map;

  private MountUser(Path path) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  public static void main(String[] arguments) throws IOException {
    MountUser user = new MountUser(Path.of(arguments[0]));
    System.out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = user.execute(line.split(" "));
      } catch (IOException | RuntimeException | InternalError e) {
        answer = "failed " + e;
      }
      System.out.println(answer);
    }
  }

  private String execute(String[] words) throws IOException {
    if (words[0].equals("direct")) {
      return direct(Path.of(words[1]), Integer.parseInt(words[2]));
    }
    long first = words.length > 1 ? Long.parseLong(words[1]) : 0;
    long second = words.length > 2 ? Long.parseLong(words[2]) : 0;
    return switch (words[0]) {
      case "size" -> Long.toString(file.size());
      case "map" -> {
        map = file.map(MapMode.READ_WRITE, 0, file.size());
        yield "mapped";
      }
      // get <offset>: one byte through the mapping
      case "get" -> Byte.toString(map.get((int) first));
      // put <offset> <byte>: one byte through the mapping
      case "put" -> {
        map.put((int) first, (byte) second);
        yield "put";
      }
      // read <offset> <length>: the first byte of each page, in hexadecimal
      case "read" -> firstBytes(file, first, (int) second, 0);
      // write <offset> <byte>: a page of it by pwrite
      case "write" -> {
        ByteBuffer page = ByteBuffer.allocate(PAGE);
        while (page.hasRemaining()) {
          page.put((byte) second);
        }
        file.write(page.flip(), first);
        yield "written";
      }
      case "truncate" -> {
        file.truncate(first);
        yield "truncated";
      }
      case "fsync" -> {
        file.force(true);
        yield "synced";
      }
      case "exit" -> {
        System.exit(0);
        yield "";
      }
      default -> "failed: unknown command";
    };
  }

  /** direct <path> <length>: as read from 0, past the page cache. */
  private static String direct(Path path, int length) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, direct())) {
      return firstBytes(file, 0, length, PAGE);
    }
  }

  /** O_DIRECT, found by name: the option is in a module that the test's module does not read. */
  private static OpenOption direct() throws IOException {
    try {
      Object[] options = Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
      for (Object option : options) {
        if ("DIRECT".equals(option.toString())) {
          return (OpenOption) option;
        }
      }
      throw new IOException("this JDK has no ExtendedOpenOption.DIRECT");
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
  }

  private static String firstBytes(FileChannel file, long offset, int length, int alignment)
      throws IOException {
    ByteBuffer buffer =
        alignment == 0
            ? ByteBuffer.allocateDirect(length)
            : ByteBuffer.allocateDirect(length + alignment).alignedSlice(alignment).limit(length);
    while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {}
    byte[] result = new byte[(length + PAGE - 1) / PAGE];
    for (int i = 0; i < result.length; i++) {
      result[i] = buffer.get(i * PAGE);
    }
    return HexFormat.of().formatHex(result);
  }
}
