/** Namespaces, NAT, taps, and how an instance stays reachable. */
module dev.architekt.network {
  requires transitive dev.architekt.linux;

  exports dev.architekt.network;
}
