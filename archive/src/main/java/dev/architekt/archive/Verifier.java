package dev.architekt.archive;

import dev.architekt.archive.ArkException.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Checks every byte of a package: the members between files, each chunk, and each resource's
 * digest.
 */
final class Verifier {
  private static final byte[] ZEROES = new byte[Layout.CHUNK_SIZE_MAX];

  private final RangeSource source;
  private final Opened opened;
  private final MessageDigest digest = Sha256.start();
  private Progress progress = Progress.NONE;
  private long done;
  private long total;

  /** A chunk that is what the table of contents says. */
  private record Checked(Chunks file, int chunk, byte[] content) {}

  Verifier(RangeSource source, Opened opened) {
    this.source = source;
    this.opened = opened;
  }

  void run(Progress progress) throws IOException, InterruptedException {
    this.progress = progress;
    this.total = opened.files().stream().mapToLong(file -> file.size).sum();
    int threads = Math.min(8, Runtime.getRuntime().availableProcessors());
    try (Ordered<Checked> checks = new Ordered<>("ark-verify", threads, this::took)) {
      long position = 0;
      long sizeBefore = 0;
      for (Chunks file : opened.files()) {
        long seconds = opened.manifest().createdAt().getEpochSecond();
        byte[] header = Tar.header(file.name, file.size, seconds);
        position = gap(position, Layout.gap(sizeBefore, header), file.name);
        sizeBefore = file.size;
        for (int chunk = 0; chunk < file.count(); chunk++) {
          int number = chunk;
          checks.submit(() -> check(file, number));
          position = file.end(chunk);
        }
        if (file.count() == 0) {
          checks.finish();
          endOf(file);
        }
      }
      gap(position, Layout.gap(sizeBefore, null), Layout.INDEX_NAME);
      checks.finish();
    }
    if (opened.indexSeconds() != opened.manifest().createdAt().getEpochSecond()) {
      throw new ArkException(
          Kind.DAMAGED,
          source.name(),
          Layout.INDEX_NAME,
          "the manifest's time",
          Long.toString(opened.indexSeconds()));
    }
  }

  private Checked check(Chunks file, int chunk) throws IOException {
    boolean zero = file.zero(chunk);
    byte[] content = ChunkReader.read(source, file, chunk, !zero);
    if (zero && Arrays.mismatch(content, 0, content.length, ZEROES, 0, content.length) >= 0) {
      throw new ArkException(
          Kind.DAMAGED, source.name(), file.place(chunk), "zeroes", "other bytes");
    }
    return new Checked(file, chunk, content);
  }

  private void took(Checked checked) throws IOException {
    digest.update(checked.content);
    done += checked.content.length;
    progress.at(done, total);
    if (checked.chunk + 1 == checked.file.count()) {
      endOf(checked.file);
    }
  }

  private void endOf(Chunks file) throws IOException {
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(file.sha256)) {
      throw new ArkException(
          Kind.DAMAGED, source.name(), file.name, "SHA-256 " + file.sha256, found);
    }
  }

  /** What lies between two files is known to the byte. Returns where it ends. */
  private long gap(long position, byte[] content, String before) throws IOException {
    if (content.length == 0) {
      return position;
    }
    byte[] expected = Member.store(content);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(expected.length);
      String where = "the header before " + before + " (package offset " + position + ")";
      ChunkReader.range(source, position, found, where);
      if (found.mismatch(MemorySegment.ofArray(expected)) >= 0) {
        throw new ArkException(
            Kind.DAMAGED, source.name(), where, "a tar header of this format", "other bytes");
      }
    }
    return position + expected.length;
  }
}
