/** A VM's data plane on this host, assembled from the rooms below. */
package dev.architekt.node.instance;
