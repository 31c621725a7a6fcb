package dev.architekt.network;

import java.util.HexFormat;

/** An Ethernet address, in the low 48 bits of {@code value}. */
public record MacAddress(long value) {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  public MacAddress {
    if (value >>> 48 != 0) {
      throw new IllegalArgumentException("Ethernet address 0x" + Long.toHexString(value));
    }
  }

  /** Reads {@code 02:0e:d9:fd:68:3d}. */
  public static MacAddress parse(String text) {
    try {
      return of(COLONS.parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no Ethernet address such as 02:0e:d9:fd:68:3d", e);
    }
  }

  static MacAddress of(byte[] bytes) {
    if (bytes.length != 6) {
      throw new IllegalArgumentException("Ethernet address of " + bytes.length + " bytes");
    }
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | (b & 0xff);
    }
    return new MacAddress(value);
  }

  /** The six bytes in the order of the wire. */
  public byte[] bytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (value >>> (40 - 8 * i));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return COLONS.formatHex(bytes());
  }
}
