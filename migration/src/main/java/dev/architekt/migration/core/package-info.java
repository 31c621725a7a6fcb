/** The two sides of a migration as pure state machines: events in, effects out. */
package dev.architekt.migration.core;
