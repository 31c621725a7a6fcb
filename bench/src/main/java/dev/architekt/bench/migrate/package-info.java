/**
 * The same VM moved by our engine and by QEMU's own migration, interleaved, seen by the same client
 * through the same switch of the network.
 *
 * <p>One thread runs the scenario; QEMU's events come on threads that read them.
 */
package dev.architekt.bench.migrate;
