/**
 * What scenarios share: the hosts with a client that loads and probes, guests to be measured, and
 * plain QEMU beside ours.
 *
 * <p>Each object is used by one thread at a time, unless it says otherwise.
 */
package dev.architekt.bench.lab;
