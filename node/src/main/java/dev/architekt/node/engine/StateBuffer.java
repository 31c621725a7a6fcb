package dev.architekt.node.engine;

import dev.architekt.migration.message.Bounds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Device state in native memory: written by one hypervisor, read by the next. Not thread-safe. */
final class StateBuffer {
  private static final long FIRST = 1 << 20;

  private StateBuffer() {}

  /** Collects what is written to it. */
  static final class Sink implements WritableByteChannel {
    private final Arena arena = Arena.ofAuto();
    private MemorySegment memory = arena.allocate(FIRST);
    private long used;
    private boolean open = true;

    @Override
    public int write(ByteBuffer source) throws IOException {
      int length = source.remaining();
      if (used + length > Bounds.STATE_BYTES_MAX) {
        throw new IOException(
            "device state of more than "
                + Bounds.STATE_BYTES_MAX
                + " bytes; RAM must not be part of it");
      }
      while (used + length > memory.byteSize()) {
        MemorySegment larger = arena.allocate(memory.byteSize() * 2);
        MemorySegment.copy(memory, 0, larger, 0, used);
        memory = larger;
      }
      MemorySegment.copy(MemorySegment.ofBuffer(source), 0, memory, used, length);
      source.position(source.limit());
      used += length;
      return length;
    }

    MemorySegment content() {
      return memory.asSlice(0, used);
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  /** Reads {@code content} from its beginning. */
  static ReadableByteChannel source(MemorySegment content) {
    return new ReadableByteChannel() {
      private long read;
      private boolean open = true;

      @Override
      public int read(ByteBuffer target) {
        long rest = content.byteSize() - read;
        if (rest == 0) {
          return -1;
        }
        int length = (int) Math.min(rest, target.remaining());
        MemorySegment.copy(content, read, MemorySegment.ofBuffer(target), 0, length);
        target.position(target.position() + length);
        read += length;
        return length;
      }

      @Override
      public boolean isOpen() {
        return open;
      }

      @Override
      public void close() {
        open = false;
      }
    };
  }
}
