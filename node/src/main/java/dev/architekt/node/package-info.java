/** Packager, registry, peer: assembles the data plane on one host. */
package dev.architekt.node;
