/** What a machine can do. */
module dev.architekt.hypervisor {
  requires transitive dev.architekt.linux;

  exports dev.architekt.hypervisor;

  uses dev.architekt.hypervisor.Hypervisor;
}
