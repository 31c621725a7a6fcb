package dev.architekt.migration.core;

/**
 * What one side can say about itself at any time.
 *
 * @param phase the phase, by the name in the state diagram
 * @param epoch the newest epoch this side knows of
 * @param linked whether the other side can be reached
 * @param deliveryUnknown the grant is durable, and nobody can say whether it was accepted: nobody
 *     runs the instance until the link is back
 * @param durable source, after the grant: what is missing at the destination would survive this
 *     host
 * @param remainingPages pages that are still to travel
 * @param text the same in a sentence
 */
public record Status(
    String phase,
    long epoch,
    boolean linked,
    boolean deliveryUnknown,
    boolean durable,
    long remainingPages,
    String text) {}
