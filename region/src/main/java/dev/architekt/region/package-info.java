/** The vocabulary: Region, pages, bitmaps, extents, layers and local stores. */
package dev.architekt.region;
