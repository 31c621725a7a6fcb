/** The only native calls: FFM to the kernel, no JNI, no C. */
module dev.architekt.linux {
  exports dev.architekt.linux;
}
