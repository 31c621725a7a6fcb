package dev.architekt.cli.demo.record;

/**
 * Something that a role said.
 *
 * @param at milliseconds after the hop's beginning, when the demo heard it
 */
record Said(double at, String role, String event, String text) {}
