package dev.architekt.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The host's shared libraries beside the C library, for functions that do not use errno. */
public enum Library {
  LZ4("liblz4.so.1", "liblz4-1"),
  ZSTD("libzstd.so.1", "libzstd1"),
  CRYPTO("libcrypto.so.3", "libssl3"),
  SSL("libssl.so.3", "libssl3");

  private final String file;
  private final String debianPackage;

  Library(String file, String debianPackage) {
    this.file = file;
    this.debianPackage = debianPackage;
  }

  /** Its soname. */
  public String file() {
    return file;
  }

  /** What to install where it is missing. */
  public String debianPackage() {
    return debianPackage;
  }

  /** Whether dlopen(3) finds it; it is not kept. */
  public boolean isPresent() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(file, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A function of it, which stays loaded for the life of the process. */
  MethodHandle function(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker()
        .downcallHandle(
            load().find(name).orElseThrow(() -> new UnsatisfiedLinkError(file + " has no " + name)),
            descriptor);
  }

  private SymbolLookup load() {
    try {
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UnsatisfiedLinkError(
          file + ": this host has none; install it (Debian: apt install " + debianPackage + ")");
    }
  }
}
