/** Namespaces, NAT, taps, and how an instance stays reachable. */
package dev.architekt.network;
