#!/usr/bin/env bash
# Prints the path of an nginx: this host's own, else Debian's, unpacked into .build/nginx. Changes nothing of this host's
# packages, and so starts no web server on it. Needs no root. The second call takes no time.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/scripts/common.sh"

own=$(command -v nginx || { [ -x /usr/sbin/nginx ] && echo /usr/sbin/nginx; } || true)
if [ -n "$own" ]; then
  printf '%s\n' "$own"
  exit 0
fi

home="$root/.build/nginx"
binary="$home/usr/sbin/nginx"
mkdir -p "$root/.build"
exec 9>"$root/.build/nginx.lock"
flock -w 300 9 || die "another $0 holds .build/nginx.lock for more than 5 minutes; end it and try again"
if ! "$binary" -v >/dev/null 2>&1; then
  command -v apt-get >/dev/null || die "no apt-get here: install nginx by this system's means and put it on the PATH"
  say "fetching nginx into .build/nginx (some seconds, once)"
  rm -rf "$home" "$home.new"
  mkdir -p "$home.new/apt"
  fetch() { (cd "$home.new/apt" && apt-get -q -o APT::Sandbox::User="" download nginx >"$root/.build/nginx.log" 2>&1); }
  fetch || { apt-get update -qq >/dev/null 2>&1 && fetch; } || die "apt-get cannot fetch nginx; its output is in .build/nginx.log"
  dpkg-deb -x "$home.new"/apt/nginx_*.deb "$home.new"
  rm -rf "$home.new/apt"
  mv "$home.new" "$home"
  said=$("$binary" -v 2>&1) || die "Debian's nginx does not run here: $said; install nginx by this system's means"
fi
printf '%s\n' "$binary"
