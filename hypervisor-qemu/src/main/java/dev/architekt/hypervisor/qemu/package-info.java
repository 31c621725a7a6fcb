/** The QEMU driver. */
package dev.architekt.hypervisor.qemu;
