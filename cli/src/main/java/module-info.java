/** A person's hands. */
module dev.architekt.cli {
  requires transitive dev.architekt.node;
  requires dev.architekt.linux;
  requires dev.architekt.network;
  requires dev.architekt.probe;
  requires info.picocli;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;

  exports dev.architekt.cli.demo;
  exports dev.architekt.cli.lab;
  exports dev.architekt.cli.lab.link;

  opens dev.architekt.cli to
      info.picocli;
}
