#!/bin/bash
# bare-root.sh ROOT init|idle own|host CGROUP
# Becomes the father of a machine-like place: namespaces of its own, folder ROOT as its root, with /proc, /sys, /dev and /run
# of its own. Process 1 is systemd (init) or waits (idle). Network: a namespace with a loopback device only, or the host's.
set -eu
root=$1 mode=$2 network=$3 cgroup=$4
mkdir -p "$cgroup"
echo $$ >"$cgroup/cgroup.procs"
kinds=(--mount --pid --cgroup --uts --ipc)
[ "$network" = host ] || kinds+=(--net)
exec unshare "${kinds[@]}" --fork --kill-child --propagation private bash -s "$root" "$mode" <<'INSIDE'
set -eu
root=$1 mode=$2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/net" "$root/dev/shm" "$root/dev/pts"
for device in null zero full random urandom tty fuse kvm net/tun; do
  [ -e "/dev/$device" ] || continue
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
hostname bare
ip link set lo up 2>/dev/null || true
cd "$root"
mkdir -p .before
pivot_root . .before
umount -l .before
rmdir .before
touch /run/bare-root-is-ready
clean=(/usr/bin/env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin)
case $mode in
  init) exec "${clean[@]}" /lib/systemd/systemd --show-status=0 ;;
  idle) exec "${clean[@]}" /bin/bash -c 'while :; do sleep 1000 & wait; done' ;; # bash reaps orphans
esac
INSIDE
