/** Seekable packages: eStargz and the manifest. */
package dev.architekt.archive;
