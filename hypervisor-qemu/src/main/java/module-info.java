/** The QEMU driver. */
module dev.architekt.hypervisor.qemu {
  requires transitive dev.architekt.linux;
  requires transitive dev.architekt.region;
  requires transitive dev.architekt.hypervisor;
  requires com.fasterxml.jackson.databind;

}
