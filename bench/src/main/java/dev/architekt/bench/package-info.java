/**
 * Figures beside the peer's, from the same run: medians, p99, ratios. What a mount costs so far;
 * nothing here asserts a time, and each benchmark runs on the thread that calls it.
 */
package dev.architekt.bench;
