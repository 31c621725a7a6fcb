/** Fakes driven by one seed: clock, network, disk, hypervisor. */
package dev.architekt.testkit;
