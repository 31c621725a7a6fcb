package dev.architekt.mount;

import dev.architekt.linux.Fd;
import java.io.IOException;

/**
 * Where a descriptor of the mounted file comes from when one is needed: for an adopted mount, a
 * duplicate of the one that the mount's user holds ({@code pidfd_getfd}).
 */
@FunctionalInterface
public interface FileSource {
  /** A descriptor of the mounted file, open for reading and writing; the caller closes it. */
  Fd open() throws IOException;
}
