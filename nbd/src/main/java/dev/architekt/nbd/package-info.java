/** The NBD protocol: a region as a disk. */
package dev.architekt.nbd;
