package dev.architekt.network;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames that waited for a VM, oldest first, on their way to where it runs now. Each starts with a
 * virtio header of {@value #VNET_HEADER} bytes, whatever the tap it came from used.
 *
 * @param truncated whether more frames waited than were taken
 */
public record HeldFrames(List<byte[]> frames, boolean truncated) {
  public static final int VNET_HEADER = 10;

  /** The longest frame: what segmentation offload can make, with both headers. */
  public static final int FRAME_MAX = VNET_HEADER + 14 + 4 + 65_535;

  public static final int COUNT_MAX = 65_536;
  public static final HeldFrames NONE = new HeldFrames(List.of(), false);

  public HeldFrames {
    frames = List.copyOf(frames);
  }

  public int count() {
    return frames.size();
  }

  /** The bytes that {@link #encode()} makes. */
  public int encodedSize() {
    int size = 5;
    for (byte[] frame : frames) {
      size += 4 + frame.length;
    }
    return size;
  }

  /** Big-endian: u8 truncated, u32 count, then for each frame u32 length and its bytes. */
  public byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(encodedSize());
    out.put((byte) (truncated ? 1 : 0)).putInt(frames.size());
    for (byte[] frame : frames) {
      out.putInt(frame.length).put(frame);
    }
    return out.array();
  }

  /** Reads what a peer encoded, checking every length against what is there before allocating. */
  public static HeldFrames decode(ByteBuffer in) {
    requireThat(
        in.remaining() >= 5, "message of " + in.remaining() + " bytes, expected at least 5");
    boolean truncated = in.get() != 0;
    int count = in.getInt();
    requireThat(count >= 0 && count <= COUNT_MAX, count + " frames, expected at most " + COUNT_MAX);
    requireThat(4L * count <= in.remaining(), count + " frames in " + in.remaining() + " bytes");
    List<byte[]> frames = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      requireThat(in.remaining() >= 4, "frame " + i + " of " + count + " is missing");
      int length = in.getInt();
      requireThat(
          length >= VNET_HEADER && length <= FRAME_MAX && length <= in.remaining(),
          "frame " + i + " of " + length + " bytes, " + in.remaining() + " are left");
      byte[] frame = new byte[length];
      in.get(frame);
      frames.add(frame);
    }
    return new HeldFrames(frames, truncated);
  }

  private static void requireThat(boolean holds, String found) {
    if (!holds) {
      throw new IllegalArgumentException("held frames: " + found);
    }
  }
}
