/** What a machine can do. */
package dev.architekt.hypervisor;
