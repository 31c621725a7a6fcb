/**
 * The demo: two hosts, a client and a switch out of network namespaces, and the ordinary commands
 * in them.
 */
package dev.architekt.cli.demo;
