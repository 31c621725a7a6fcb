/**
 * Fakes driven by one seed: time, network, disk, machine. Nothing here sleeps, threads or asks the
 * real clock; the same seed gives the same run, event by event.
 *
 * <p>A page's content is a version number: zero is a page of zeroes, and every write of the guest
 * makes a number that was never used before, so that an old page cannot pass for a new one.
 */
package dev.architekt.testkit;
