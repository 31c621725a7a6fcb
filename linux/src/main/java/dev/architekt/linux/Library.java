package dev.architekt.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** A shared library of the host beside the C library, for functions that do not use errno. */
final class Library {
  private final String file;
  private final SymbolLookup symbols;

  /**
   * Loads it as dlopen(3) finds it, for the life of the process.
   *
   * @param file its soname
   * @param debianPackage what to install where it is missing
   */
  Library(String file, String debianPackage) {
    this.file = file;
    try {
      symbols = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UnsatisfiedLinkError(
          file + ": this host has none; install it (Debian: apt install " + debianPackage + ")");
    }
  }

  MethodHandle function(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(file + " has no " + name)),
            descriptor);
  }
}
