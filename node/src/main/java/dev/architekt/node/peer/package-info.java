/** One VM on one host: its arrival from a registry or a peer, its stay, its departure. */
package dev.architekt.node.peer;
