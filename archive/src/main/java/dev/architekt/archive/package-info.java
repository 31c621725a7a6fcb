/**
 * Seekable packages: one {@code .ark} file holds everything that a virtual machine needs.
 *
 * <p>The file is a valid eStargz, and so a tar.gz that {@code tar tzf} lists, with stricter rules
 * that make every byte checkable and every chunk reachable by itself:
 *
 * <pre>
 * header(manifest.json)          one gzip member, stored
 * manifest.json                  one gzip member, stored: its digests are filled in last, in place
 * header(config)                 padding of the file before and the next tar header: one member, stored
 * config, chunk 0, 1, …          one member a chunk of 256 KiB, deflated
 * …                              kernel, initramfs, memory, disk, disk-NAME …, state, trace: as given
 * .no.prefetch.landmark          required by eStargz
 * stargz.index.json              header, table of contents and end of archive: one member, deflated
 * footer                         51 bytes: an empty member that says where the table of contents is
 * </pre>
 *
 * <p>Each member but the footer carries, in a gzip extra field {@code AK}, its own length and the
 * CRC-32C of everything behind its header. gzip's own CRC-32 covers content only; unused bits of a
 * deflate stream would be free to flip. The table of contents carries each chunk's SHA-256, and the
 * manifest each resource's.
 *
 * <p>A chunk of zeroes is known by its digest, costs about 300 bytes, and is never read. The same
 * inputs give the same bytes (with the same zlib).
 *
 * <p>Threads: {@link dev.architekt.archive.ArkWriter} and {@link
 * dev.architekt.archive.ArkReader#verify} compress and check on {@code ark-…} platform threads, at
 * most one a processor, which end with the call. Readers are thread-safe.
 */
package dev.architekt.archive;
