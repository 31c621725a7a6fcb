/** A person's hands. */
package dev.architekt.cli;
