package dev.architekt.node.instance;

import dev.architekt.node.state.StateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Kernels and initial RAM disks, kept by their SHA-256: the same one is fetched once. */
public final class Blobs {
  private Blobs() {}

  public static Path path(StateDirectory state, String digest) {
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "digest \"" + digest + "\", expected 64 hexadecimal digits");
    }
    return state.file("blobs").resolve(digest);
  }

  public static boolean has(StateDirectory state, String digest) {
    return Files.isRegularFile(path(state, digest));
  }

  /** Stores {@code content} if it has the digest that was promised. */
  public static void put(StateDirectory state, String digest, ByteBuffer content, String what)
      throws IOException {
    String found = digest(content.duplicate());
    if (!found.equals(digest)) {
      throw new IOException(
          what
              + " is damaged: expected SHA-256 "
              + digest
              + ", found "
              + found
              + "; fetch it again");
    }
    Path target = path(state, digest);
    Files.createDirectories(target.getParent());
    Path fresh = Files.createTempFile(target.getParent(), "blob", ".new");
    try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      while (content.hasRemaining()) {
        file.write(content);
      }
    }
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The SHA-256 of what remains in {@code content}, in hexadecimal. */
  public static String digest(ByteBuffer content) {
    try {
      MessageDigest sum = MessageDigest.getInstance("SHA-256");
      sum.update(content);
      return HexFormat.of().formatHex(sum.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
