/** The QEMU driver. */
module dev.architekt.hypervisor.qemu {
  requires transitive dev.architekt.hypervisor;
  requires com.fasterxml.jackson.core;

  exports dev.architekt.hypervisor.qemu;

  provides dev.architekt.hypervisor.Hypervisor with
      dev.architekt.hypervisor.qemu.QemuHypervisor;
}
