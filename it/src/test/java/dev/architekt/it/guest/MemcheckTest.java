package dev.architekt.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guest that guards every byte has to be quiet on a sound machine and loud on any other. */
@Tag("vm")
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemcheckTest {
  private static final int PAGE = 4096;

  /** Bytes flipped behind the guest's back; one alone may be overwritten before it is looked at. */
  private static final int FLIPS = 200;

  @Test
  void isQuietOnASoundMachineAndNoticesFlippedBytesInRamAndOnDisk(@TempDir Path folder)
      throws Exception {
    try (var machine =
        new PlainMachine(Guests.memcheck(), folder, 256, GuestPrograms.MEMCHECK_PORT)) {
      machine.awaitAnswer(GuestPrograms.MEMCHECK_PORT, "?", 90);
      await(machine, "passes", 1, 90);
      await(machine, "diskPasses", 1, 90);
      String sound = machine.ask(GuestPrograms.MEMCHECK_PORT, "?");
      System.out.println("memcheck: " + sound);
      assertThat(number(sound, "errors")).isZero();
      assertThat(number(sound, "diskErrors")).isZero();
      assertThat(number(sound, "clockBack")).isZero();
      assertThat(number(sound, "pages") * PAGE).isGreaterThan(100L << 20);

      flip(machine.ram());
      await(machine, "errors", 1, 90);
      flip(machine.disk());
      await(machine, "diskErrors", 1, 90);
      assertThat(machine.console()).contains("MEMCHECK-ERROR");
    }
  }

  private static void await(PlainMachine machine, String field, long least, long seconds)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    String last = "";
    while (System.nanoTime() < deadline) {
      last = machine.ask(GuestPrograms.MEMCHECK_PORT, "?");
      if (number(last, field) >= least) {
        return;
      }
      Thread.sleep(200);
    }
    throw new AssertionError(
        "'" + field + "' did not reach " + least + " in " + seconds + " s: " + last);
  }

  private static long number(String json, String field) {
    Matcher matcher = Pattern.compile("\"" + field + "\":(-?[0-9]+)").matcher(json);
    assertThat(matcher.find()).as(json).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /**
   * Flips a byte in pages that look like the pattern: the same small generation at both ends, noise
   * between.
   */
  private static void flip(Path file) throws IOException {
    int flipped = 0;
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] page = new byte[PAGE];
      for (long at = 0; at + PAGE <= raw.length() && flipped < FLIPS; at += PAGE) {
        raw.seek(at);
        raw.readFully(page);
        var view = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        long generation = view.getLong(0);
        if (generation > 0
            && generation < 1_000_000
            && view.getLong(PAGE - 8) == generation
            && Long.bitCount(view.getLong(2048)) > 16) {
          raw.seek(at + 2048);
          raw.write(page[2048] ^ 1);
          flipped++;
        }
      }
    }
    assertThat(flipped).isPositive();
  }
}
