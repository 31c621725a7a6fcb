/**
 * Manual pages out of the commands' own descriptions, so that a page and {@code --help} cannot
 * differ.
 */
package dev.architekt.cli.manual;
