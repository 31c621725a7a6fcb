package dev.architekt.mount;

import static dev.architekt.mount.Protocol.*;

import dev.architekt.linux.Errno;
import dev.architekt.linux.Fd;
import java.lang.foreign.Arena;

/**
 * The one INIT of a connection's life. What it settles is the same for every server, so that a
 * successor, who gets no INIT, need not be told.
 */
final class Handshake {
  /** Without these the mount would not do what it promises. */
  private static final long REQUIRED = WRITEBACK_CACHE | MAX_PAGES;

  private static final long WANTED =
      REQUIRED
          | ASYNC_READ
          | BIG_WRITES
          | NO_OPEN_SUPPORT
          | HANDLE_KILLPRIV
          | EXPLICIT_INVAL_DATA
          | INIT_EXT
          | HAS_RESEND;

  // How many WRITEs and read-ahead READs the kernel keeps under way at once.
  private static final int BACKGROUND_MAX = 64;
  private static final int CONGESTION = 48;
  private static final int NANOSECOND = 1;

  private Handshake() {}

  /**
   * Receives INIT, which is the first request, and answers it; whether the kernel can resend
   * requests.
   */
  static boolean perform(Fd device) throws MountException {
    try (Arena arena = Arena.ofConfined()) {
      return perform(new Exchange(new DeviceChannel(device), arena));
    }
  }

  static boolean perform(Exchange exchange) throws MountException {
    long received = exchange.receive();
    if (received < INIT_IN_SIZE_MIN || exchange.int32(IN_OPERATION) != INIT) {
      throw new MountException(
          "the kernel's first request on /dev/fuse is not INIT but "
              + (received < 0
                  ? Errno.text((int) -received)
                  : received + " bytes with operation " + exchange.int32(IN_OPERATION)));
    }
    long unique = exchange.int64(IN_UNIQUE);
    int major = exchange.int32(INIT_MAJOR);
    int minor = exchange.int32(INIT_MINOR);
    int readAhead = exchange.int32(INIT_READ_AHEAD);
    long offered = Integer.toUnsignedLong(exchange.int32(INIT_FLAGS));
    if ((offered & INIT_EXT) != 0 && received > INIT_FLAGS2) {
      offered |= Integer.toUnsignedLong(exchange.int32(INIT_FLAGS2)) << 32;
    }
    if (major != MAJOR || (offered & REQUIRED) != REQUIRED) {
      exchange.refuse(unique, Errno.EINVAL);
      throw new MountException(
          "the kernel speaks FUSE "
              + major
              + "."
              + minor
              + " with features 0x"
              + Long.toHexString(offered)
              + "; version 7 with a write-back cache and 1 MiB requests is needed (Linux 4.20 or newer)");
    }
    long granted = offered & WANTED;
    exchange.payload(INIT_OUT_SIZE).fill((byte) 0);
    exchange.putInt32(0, MAJOR);
    exchange.putInt32(4, MINOR);
    exchange.putInt32(8, readAhead);
    exchange.putInt32(12, (int) granted);
    exchange.putInt32(16, CONGESTION << 16 | BACKGROUND_MAX);
    exchange.putInt32(20, TRANSFER_MAX);
    exchange.putInt32(24, NANOSECOND);
    exchange.putInt32(28, PAGES_MAX);
    exchange.putInt32(32, (int) (granted >>> 32));
    long sent = exchange.answer(unique, INIT_OUT_SIZE);
    if (sent < 0) {
      throw new MountException("the kernel refuses the answer to INIT: " + Errno.text((int) -sent));
    }
    return (granted & HAS_RESEND) != 0;
  }
}
