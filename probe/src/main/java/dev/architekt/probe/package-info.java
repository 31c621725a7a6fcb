/** What a client of an instance sees: load, journal, gap. */
package dev.architekt.probe;
