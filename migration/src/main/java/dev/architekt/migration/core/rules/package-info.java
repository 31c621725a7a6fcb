/**
 * The safety rules by name, so that the simulation can prove that it notices when one is missing.
 */
package dev.architekt.migration.core.rules;
