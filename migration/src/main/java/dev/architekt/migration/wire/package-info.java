/** Frames, lanes and links: how messages travel between two hosts ({@code docs/protocol}). */
package dev.architekt.migration.wire;
