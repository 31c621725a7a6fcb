package dev.architekt.archive;

import dev.architekt.archive.ArkWriter.Written;
import dev.architekt.archive.Manifest.Resource;
import dev.architekt.archive.Packer.Packed;
import dev.architekt.archive.Packer.Slot;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.Deflater;

/**
 * One package on its way into a file: this thread reads, hashes and appends; others compress.
 *
 * <p>The manifest comes first in the file and knows the digests only at the end. It is stored
 * uncompressed, so its length is known from the start, and is written over in place.
 */
final class PackageOutput implements AutoCloseable {
  private static final byte[] ZEROES = new byte[Layout.CHUNK_SIZE];
  private static final Packed ZERO = Packer.zero();

  private final TargetFile file;
  private final Manifest unfinished;
  private final Progress progress;
  private final long total;
  private final long seconds;
  private final Packer packer;
  private final Ordered<Packed> packing;
  private final Deque<Slot> slots = new ArrayDeque<>();
  private final List<Chunks> files = new ArrayList<>();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(Layout.CHUNK_SIZE);
  private final MessageDigest digest = Sha256.start();
  private long sizeBefore;
  private long done;

  PackageOutput(TargetFile file, Manifest unfinished, int level, int threads, Progress progress)
      throws IOException {
    this.file = file;
    this.unfinished = unfinished;
    this.progress = progress;
    this.total = unfinished.resources().stream().mapToLong(Resource::sizeBytes).sum();
    this.seconds = unfinished.createdAt().getEpochSecond();
    this.packer = new Packer(level);
    this.packing = new Ordered<>("ark-pack", threads, this::append);
    for (int i = 0; i <= Ordered.depth(threads); i++) {
      slots.add(new Slot());
    }
    stored(Manifest.FILE_NAME, ManifestJson.encode(unfinished));
  }

  void add(String name, Content content) throws IOException, InterruptedException {
    long size = content.size();
    Chunks chunks = start(name, size);
    for (long offset = 0; offset < size; offset += Layout.CHUNK_SIZE) {
      int length = (int) Math.min(Layout.CHUNK_SIZE, size - offset);
      boolean whole = length == Layout.CHUNK_SIZE;
      if (whole && content.knownZero(offset, length)) {
        zero();
      } else {
        read(content, offset, length, whole);
      }
    }
    packing.finish();
    chunks.sha256 = HexFormat.of().formatHex(digest.digest());
  }

  private void read(Content content, long offset, int length, boolean whole)
      throws IOException, InterruptedException {
    content.read(offset, buffer.asSlice(0, length));
    // One more slot than there are tasks, so there is always one that no task holds.
    Slot slot = slots.remove();
    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, slot.input, 0, length);
    if (whole && Arrays.equals(slot.input, ZEROES)) {
      slots.add(slot);
      zero();
      return;
    }
    digest.update(slot.input, 0, length);
    packing.submit(() -> packer.pack(slot, length));
  }

  private void zero() throws IOException, InterruptedException {
    digest.update(ZEROES);
    packing.add(ZERO);
  }

  /** Called in order, by the thread that adds. */
  private void append(Packed packed) throws IOException {
    files.getLast().add(file.position(), packed.digest());
    file.append(packed.member(), packed.memberSize());
    if (packed.slot() != null) {
      slots.add(packed.slot());
    }
    done += packed.length();
    progress.at(done, total);
  }

  private Chunks start(String name, long size) throws IOException {
    member(Layout.gap(sizeBefore, Tar.header(name, size, seconds)));
    sizeBefore = size;
    Chunks chunks = new Chunks(name, size, Layout.CHUNK_SIZE);
    files.add(chunks);
    return chunks;
  }

  /** A small file of one stored chunk. */
  private void stored(String name, byte[] content) throws IOException {
    if (content.length > Layout.CHUNK_SIZE) {
      throw new IllegalArgumentException(
          name + ": expected at most " + Layout.CHUNK_SIZE + " bytes, found " + content.length);
    }
    Chunks chunks = start(name, content.length);
    byte[] sha = Sha256.of(content, content.length);
    chunks.sha256 = HexFormat.of().formatHex(sha);
    chunks.add(file.position(), sha);
    member(content);
  }

  private void member(byte[] content) throws IOException {
    if (content.length > 0) {
      byte[] member = Member.store(content);
      file.append(member, member.length);
    }
  }

  /** Everything behind the last resource, and the manifest's second writing. */
  Written finish() throws IOException {
    stored(Layout.LANDMARK_NAME, Layout.LANDMARK);
    Manifest manifest = finishManifest();
    member(Layout.gap(sizeBefore, null));
    long indexOffset = file.position();
    byte[] json = Index.encode(files, manifest.createdAt());
    byte[] entry = Index.entry(json, seconds);
    byte[] member = new byte[Math.toIntExact(Member.sizeMax(entry.length))];
    try (Deflater deflater = new Deflater(6, true)) {
      int size = Member.deflate(deflater, entry, entry.length, member);
      file.append(member, size);
    }
    file.append(Footer.encode(indexOffset), Footer.SIZE);
    String indexDigest = Sha256.PREFIX + HexFormat.of().formatHex(Sha256.of(json, json.length));
    return new Written(manifest, file.position(), indexDigest);
  }

  private Manifest finishManifest() throws IOException {
    List<Resource> resources =
        files.subList(1, files.size() - 1).stream()
            .map(chunks -> new Resource(chunks.name, chunks.size, chunks.sha256))
            .toList();
    Manifest manifest = unfinished.withResources(resources);
    byte[] json = ManifestJson.encode(manifest);
    long offset = files.getFirst().offset(0);
    assert json.length == files.getFirst().size : "digests do not change the manifest's length";
    file.overwrite(offset, Member.store(json));
    byte[] sha = Sha256.of(json, json.length);
    Chunks first = new Chunks(Manifest.FILE_NAME, json.length, Layout.CHUNK_SIZE);
    first.sha256 = HexFormat.of().formatHex(sha);
    first.add(offset, sha);
    files.set(0, first);
    return manifest;
  }

  @Override
  public void close() {
    packing.close();
    packer.close();
    arena.close();
  }
}
