package dev.architekt.archive;

import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The inflated chunks that were used last, up to a number of bytes; a chunk that several threads
 * want is loaded once.
 *
 * <p>Thread-safe. Loading happens outside the lock. The arrays are shared: nobody writes to them.
 */
final class ChunkCache {
  @FunctionalInterface
  interface Loader {
    byte[] load() throws IOException;
  }

  private final long bytesMax;
  // Guarded by this: what is here, oldest use first, and what is on its way.
  private final LinkedHashMap<Long, byte[]> chunks = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Long, CompletableFuture<byte[]>> loading = new HashMap<>();
  private long bytes;

  ChunkCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  byte[] get(long key, Loader loader) throws IOException {
    while (true) {
      CompletableFuture<byte[]> other;
      CompletableFuture<byte[]> mine = null;
      synchronized (this) {
        byte[] chunk = chunks.get(key);
        if (chunk != null) {
          return chunk;
        }
        other = loading.get(key);
        if (other == null) {
          mine = new CompletableFuture<>();
          loading.put(key, mine);
        }
      }
      if (mine != null) {
        return load(key, loader, mine);
      }
      byte[] chunk = other.join();
      if (chunk != null) {
        return chunk;
      }
      // The other thread failed and has its exception; this one tries for itself and gets its own.
    }
  }

  private byte[] load(long key, Loader loader, CompletableFuture<byte[]> mine) throws IOException {
    byte[] chunk = null;
    try {
      chunk = loader.load();
      return chunk;
    } finally {
      synchronized (this) {
        loading.remove(key);
        if (chunk != null) {
          keep(key, chunk);
        }
      }
      mine.complete(chunk);
    }
  }

  private void keep(long key, byte[] chunk) {
    chunks.put(key, chunk);
    bytes += chunk.length;
    Iterator<byte[]> oldest = chunks.values().iterator();
    while (bytes > bytesMax) {
      bytes -= oldest.next().length;
      oldest.remove();
    }
  }

  synchronized long bytes() {
    return bytes;
  }
}
