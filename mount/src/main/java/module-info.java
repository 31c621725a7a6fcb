/** A region as a file or as memory, over /dev/fuse. */
module dev.architekt.mount {
  requires transitive dev.architekt.linux;
  requires transitive dev.architekt.region;

  exports dev.architekt.mount;
}
