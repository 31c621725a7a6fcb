/** The protocol core, the wire and the engine that move an instance. */
package dev.architekt.migration;
