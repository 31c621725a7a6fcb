/** Whole migrations under faults, replayed by seed. */
package dev.architekt.simulation;
