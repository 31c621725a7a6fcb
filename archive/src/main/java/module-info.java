/** Seekable packages: eStargz and the manifest. */
module dev.architekt.archive {
  requires transitive dev.architekt.region;
  requires com.fasterxml.jackson.databind;

  exports dev.architekt.archive;
}
