/**
 * Programs that tests and benchmarks put into guests, built from their Go sources into overlays of
 * a blueprint.
 */
package dev.architekt.testkit.guest;
