package dev.architekt.migration.core;

/**
 * What the destination did of the pause, in nanoseconds of its own clock, one after another but for
 * {@code grant}: the wait for it, 0 when it had arrived before the state was loaded.
 *
 * @param fence from the state's arrival until everything sent before it was put away
 * @param forget stale pages made absent
 * @param load the device state
 * @param grant the wait for the grant
 * @param accept the durable record of the acceptance
 * @param cont from then until the guest ran
 * @param total from the state's arrival until the guest ran
 */
public record DestinationPause(
    long fence, long forget, long load, long grant, long accept, long cont, long total) {}
