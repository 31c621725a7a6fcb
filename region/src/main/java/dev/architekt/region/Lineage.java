package dev.architekt.region;

/**
 * What a local copy is a copy of: the content that {@code instance} had at the end of {@code
 * epoch}, apart from pages that were written later (generation newer than {@code epoch}).
 */
public record Lineage(String instance, long epoch) {}
