/** The NBD protocol: a region as a disk. */
module dev.architekt.nbd {
  requires transitive dev.architekt.linux;
  requires transitive dev.architekt.region;

  exports dev.architekt.nbd;
}
