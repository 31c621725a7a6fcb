/** What a client of an instance sees: load, journal, gap. */
module dev.architekt.probe {
  exports dev.architekt.probe;
}
