/** A region as a file or as memory, over /dev/fuse. */
package dev.architekt.mount;
