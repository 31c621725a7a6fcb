/** What a peer keeps on disk. */
package dev.architekt.node.state;
