#!/usr/bin/env bash
# Prints the path of a qemu-system-x86_64 of version 10 or newer: this host's own when it is that new, else the one of
# this Debian suite's backports, unpacked into .build/qemu10. Changes nothing of this host's apt or its packages; the
# mirror is the one that this host's own sources name. Needs no root. The second call takes no time.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/scripts/common.sh"

version_of() { # BINARY: its major version, or 0
  local text
  text=$("$1" --version 2>/dev/null) || true
  [[ $text =~ version\ ([0-9]+)\. ]] && printf '%s' "${BASH_REMATCH[1]}" || printf 0
}

own=$(command -v qemu-system-x86_64 || true)
if [ -n "$own" ] && [ "$(version_of "$own")" -ge 10 ]; then
  printf '%s\n' "$own"
  exit 0
fi

home="$root/.build/qemu10"
wrapper="$home/qemu-system-x86_64"
mkdir -p "$root/.build"
exec 9>"$root/.build/qemu10.lock"
flock -w 900 9 || die "another $0 holds .build/qemu10.lock for more than 15 minutes; end it and try again"
if [ -x "$wrapper" ] && [ "$(version_of "$wrapper")" -ge 10 ]; then
  printf '%s\n' "$wrapper"
  exit 0
fi

command -v apt-get >/dev/null || die "no apt-get here: install QEMU 10 by this system's means and put it on the PATH"
codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
[ -n "$codename" ] || die "/etc/os-release names no VERSION_CODENAME, so its backports are unknown; install QEMU 10 yourself"
suite="$codename-backports"
archive_key=/usr/share/keyrings/debian-archive-keyring.gpg
log="$root/.build/qemu10.log"
work="$home.new"
rm -rf "$work" "$home"
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/root"

# apt's own idea of its sources, in whatever format they are written.
signed=""
[ -r "$archive_key" ] && signed=" signed-by=$archive_key"
apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' \
  | awk -v release="$codename" '$1 == release { print $2 }' | sort -u \
  | sed "s|.*|deb [arch=amd64$signed] & $suite main|" >"$work/apt/sources.list"
[ -s "$work/apt/sources.list" ] || die "none of this host's apt sources carries $codename, so its backports' mirror is unknown"
# The host's own sources too, for what the backport needs from the suite itself.
for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
  if [ -e "$file" ]; then mkdir -p "$work/apt/parts" && cp "$file" "$work/apt/parts/"; fi
done
if [ -s /etc/apt/sources.list ]; then cat /etc/apt/sources.list >>"$work/apt/sources.list"; fi

apt_private() {
  apt-get -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts="$work/apt/parts" \
    -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="" -o APT::Keep-Downloaded-Packages=true -o Acquire::Retries=3 "$@"
}

say "fetching QEMU 10 of $suite into .build/qemu10 (about a minute, once)"
: >"$log"
mkdir -p "$work/apt/parts"
apt_private update >>"$log" 2>&1 || say "warning: not every apt source answered; going on (.build/qemu10.log)"
apt_private install --download-only --reinstall -y --no-install-recommends -t "$suite" \
  qemu-system-x86 qemu-system-common qemu-system-data ipxe-qemu seabios >>"$log" 2>&1 \
  || die "apt cannot fetch qemu-system-x86 of $suite; its output is in .build/qemu10.log"
for package in "$work"/apt/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$work/root"
done
rm -rf "$work/apt"

# Debian builds QEMU for /usr only, so the wrapper names its own firmware, modules and libraries.
cat >"$work/qemu-system-x86_64" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
LD_LIBRARY_PATH=$here/usr/lib/x86_64-linux-gnu:$here/lib/x86_64-linux-gnu
QEMU_MODULE_DIR=$here/usr/lib/x86_64-linux-gnu/qemu
export LD_LIBRARY_PATH QEMU_MODULE_DIR
exec "$here/usr/bin/qemu-system-x86_64" -L "$here/usr/share/qemu" -L "$here/usr/share/seabios" "$@"
WRAPPER
chmod 755 "$work/qemu-system-x86_64"
mv "$work" "$home"
found=$(version_of "$wrapper")
[ "$found" -ge 10 ] || die "$suite has QEMU ${found/#0/that does not run}, expected 10 or newer; see .build/qemu10.log, or put one on the PATH"
printf '%s\n' "$wrapper"
