/**
 * Whole migrations under faults, replayed by seed: the product's own state machines, with
 * everything around them made up.
 *
 * <pre>
 *   Simulate ──seeds──▶ World (one migration) ──▶ SimHost A (source) ─┐
 *                         │  Agenda, Dice, SimGuest   SimHost B, C ───┴─ SimLink
 *                         └─ FaultPlan: in which phase what goes wrong ──▶ Coverage
 * </pre>
 *
 * <p>Checked all the time: at most one machine runs; what runs is the newest state; every read of
 * the guest finds its last acknowledged write. Checked at the end: exactly one machine runs, on the
 * host with the authority, and every page is right.
 */
package dev.architekt.simulation;
