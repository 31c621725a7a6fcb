package dev.architekt.bench.guest;

import dev.architekt.bench.lab.GuestImage;
import dev.architekt.bench.lab.Rig;
import dev.architekt.testkit.guest.GuestPrograms;
import java.io.IOException;

/** What a guest does while its speed is measured. */
enum Workload {
  REDIS("Redis, ten connections, SET/s", 256, 1, 3, false) {
    @Override
    GuestImage image() throws IOException, InterruptedException {
      return GuestImage.redis(memoryMiB);
    }

    @Override
    Gauge gauge(Rig rig, String address) throws IOException, InterruptedException {
      return Gauge.redis(rig, address);
    }
  },
  BURN("CPU-bound, iterations/s", 256, 1, 3, false) {
    @Override
    GuestImage image() throws IOException, InterruptedException {
      return GuestImage.program("burn", memoryMiB, "-mode", "cpu");
    }

    @Override
    Gauge gauge(Rig rig, String address) throws IOException {
      return Gauge.burn(rig, address, GuestPrograms.BURN_PORT);
    }
  },
  LARGE("4 GiB, three quarters dirtied, iterations/s", 4096, 8, 8, true) {
    @Override
    GuestImage image() throws IOException, InterruptedException {
      return GuestImage.program("burn", memoryMiB, "-mode", "dirty", "-share", "0.75");
    }

    @Override
    Gauge gauge(Rig rig, String address) throws IOException {
      return Gauge.burn(rig, address, GuestPrograms.BURN_PORT);
    }
  };

  final String title;
  final int memoryMiB;

  /** Before each run is counted: caches warm, and memory as dirty as it stays. */
  final int settleSeconds;

  final int runSeconds;

  /** Whether one guest's writes must have reached its store before the other's turn. */
  final boolean drains;

  Workload(String title, int memoryMiB, int settleSeconds, int runSeconds, boolean drains) {
    this.title = title;
    this.memoryMiB = memoryMiB;
    this.settleSeconds = settleSeconds;
    this.runSeconds = runSeconds;
    this.drains = drains;
  }

  abstract GuestImage image() throws IOException, InterruptedException;

  /** Counts what the guest at {@code address} does. */
  abstract Gauge gauge(Rig rig, String address) throws IOException, InterruptedException;
}
