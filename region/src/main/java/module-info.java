/** The vocabulary: Region, pages, bitmaps, extents, layers and local stores. */
module dev.architekt.region {
  requires transitive dev.architekt.linux;

  exports dev.architekt.region;
}
