package dev.architekt.migration.wire;

import dev.architekt.linux.Zstd;
import dev.architekt.migration.message.Bounds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The device state inside a State: u32 bytes, u32 bytes on the wire, those bytes; one Zstandard
 * frame when there are fewer of them. A third is left of it, and it is waited for.
 */
final class DeviceBytes {
  private DeviceBytes() {}

  static void encode(MemorySegment device, BodyWriter to) {
    int length = (int) device.byteSize();
    to.u32(length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment plain = device.isNative() ? device : arena.allocate(length).copyFrom(device);
      MemorySegment target = arena.allocate(Zstd.bound(length));
      int encoded = length == 0 ? 0 : new Zstd().compress(plain, target);
      if (encoded < length) {
        to.u32(encoded).bytes(target.asSlice(0, encoded).asByteBuffer());
      } else {
        to.u32(length).bytes(device.asByteBuffer());
      }
    }
  }

  /** Native memory, since it goes on into a descriptor; freed when the message is. */
  static MemorySegment decode(Fields from) throws ProtocolException {
    int length = from.count("device length", Bounds.STATE_BYTES_MAX);
    int encoded = from.count("device bytes", length);
    ByteBuffer bytes = from.bytes("device", encoded);
    MemorySegment device = Arena.ofAuto().allocate(length);
    if (encoded == length) {
      return device.copyFrom(MemorySegment.ofBuffer(bytes));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment frame = arena.allocate(encoded).copyFrom(MemorySegment.ofBuffer(bytes));
      if (new Zstd().decompress(frame, device) != length) {
        throw from.broken("device: expected a Zstandard frame of " + length + " bytes");
      }
    }
    return device;
  }
}
