/**
 * Two hosts, a client and the switch between them on one machine, and the ordinary commands run in
 * them.
 */
package dev.architekt.cli.lab;
