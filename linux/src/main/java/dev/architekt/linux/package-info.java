/** The only native calls: FFM to the kernel, no JNI, no C. */
package dev.architekt.linux;
