/**
 * Makes the inputs of a package's first boot out of Debian packages: a kernel, an initramfs with
 * the virtio drivers, and a small ext4 disk whose init is busybox's (under software emulation
 * systemd takes 18 s to the first answer, this 5 s).
 *
 * <pre>
 *   mmdebstrap ──► root ──► what only installing needed is removed ──► units become run scripts ──► mke2fs ──► disk
 *       └────────► kernel .deb ──► vmlinuz, modules ──► initramfs
 * </pre>
 *
 * Deliberately absent: systemd and a package manager inside the guest; any address of a package
 * mirror (the host's own apt sources serve, unless the caller names one).
 */
package dev.architekt.node.blueprint;
