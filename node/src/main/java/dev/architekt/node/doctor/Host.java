package dev.architekt.node.doctor;

import dev.architekt.linux.Library;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A host as the doctor sees it: files, programs, and a few things that the kernel can be asked to
 * do.
 */
interface Host {
  /** The host that this process runs on. */
  static Host local() {
    return new LocalHost(Path.of("/"), new LocalKernel());
  }

  boolean exists(String path);

  /** A small text file, at most 1 MiB of it; empty if it cannot be read. */
  Optional<String> text(String path);

  /** What kind of file it is, as {@link Device#kind(Path)} says it; empty if there is none. */
  Optional<String> kind(String path) throws IOException;

  /** Free bytes of the file system that holds {@code path}, or its nearest parent that exists. */
  long freeBytes(Path path) throws IOException;

  /**
   * The lines that a program of the usual folders prints, its errors and warnings last; empty if
   * there is none or it fails.
   */
  Optional<List<String>> run(String program, String... arguments);

  Kernel kernel();

  /**
   * What is tried rather than looked at; each leaves nothing behind and throws what the kernel
   * said.
   */
  interface Kernel {
    /** Opens a device for reading and writing, and closes it. */
    void open(String device) throws IOException;

    /** What /dev/kvm says its interface's version is: 12 everywhere. */
    int kvmVersion() throws IOException;

    /** Mounts a file of our own and reads it through the kernel. */
    void fuse() throws IOException;

    /** Whether a shared library loads. */
    boolean has(Library library);

    /** Makes a network namespace and removes it. */
    void networkNamespace() throws IOException;
  }
}
