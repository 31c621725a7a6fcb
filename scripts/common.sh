# Shared by ./architekt and ./dev: finds a JDK, installs what is missing, builds what changed.
# Sourced, never run; callers set $root.

say() { printf '%s\n' "$*" >&2; }
die() { say "architekt: $*"; exit 1; }

# Prints the home of a JDK 25 or newer: $JAVA_HOME, the PATH's java, then the usual folders.
find_jdk() {
  local candidate java release
  for candidate in "${JAVA_HOME:-}" "$(path_java_home)" /usr/lib/jvm/* /opt/*jdk* /opt/java/*; do
    [ -x "$candidate/bin/javac" ] && [ -r "$candidate/release" ] || continue
    release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$candidate/release")
    [ "${release:-0}" -ge 25 ] && { printf '%s' "$candidate"; return 0; }
  done
  return 1
}

path_java_home() {
  local java
  java=$(command -v java) || return 0
  dirname "$(dirname "$(readlink -f "$java")")"
}

apt_updated=
apt_install() {
  [ "$(id -u)" = 0 ] || die "missing system packages: $* (not root, so not installed; run: apt-get install $*)"
  command -v apt-get >/dev/null || die "missing system packages: $* (no apt-get here; install them by this system's means)"
  say "installing system packages: $*"
  if [ -z "$apt_updated" ]; then
    apt-get update -qq >/dev/null 2>&1 || say "warning: apt-get update failed, going on with the lists that are here"
    apt_updated=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$root/.build/apt.log" 2>&1 \
    || die "apt-get install $* failed; its output is in .build/apt.log"
}

# need COMMAND PACKAGE …: installs the packages whose commands are missing.
need() {
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# need_library SONAME PACKAGE …: the same for shared libraries.
need_library() {
  local known missing=()
  known=$(/sbin/ldconfig -p)
  while [ $# -gt 0 ]; do
    [[ $known == *"$1 "* ]] || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

need_jdk() {
  if ! JAVA_HOME=$(find_jdk); then
    if apt-cache policy openjdk-25-jdk-headless 2>/dev/null | grep -q 'Candidate: [0-9]'; then
      apt_install openjdk-25-jdk-headless
      JAVA_HOME=$(find_jdk) || die "no JDK 25 found, even after installing Debian's"
    else
      die "no JDK 25 or newer found (looked at JAVA_HOME, PATH and /usr/lib/jvm), and this Debian suite has none.
  Install one, for example Temurin 25 (package temurin-25-jdk) or openjdk-25-jdk-headless from a newer suite, and run this again."
    fi
  fi
  export JAVA_HOME
}

# What the roles call: QEMU, nftables, iproute2, and what builds a guest.
need_runtime() {
  need qemu-system-x86_64 qemu-system-x86 nft nftables ip iproute2 nsenter util-linux
  need_library libzstd.so.1 libzstd1 liblz4.so.1 liblz4-1
  need_tls
}
# What goes between hosts is encrypted by the host's OpenSSL.
need_tls() {
  need_library libssl.so.3 libssl3
}
need_guest_tools() {
  need mmdebstrap mmdebstrap mke2fs e2fsprogs busybox busybox-static cpio cpio qemu-img qemu-utils
}
# Go builds the programs that tests run inside guests; libnbd's tools are clients of our disks.
need_test_tools() {
  [ -x /usr/local/go/bin/go ] || need go golang-go
  need nbdinfo libnbd-bin
}
need_client_tools() {
  need redis-cli redis-tools
}
# Clients of services that the broader tests move.
need_service_clients() {
  need psql postgresql-client
}

sources_newer_than() {
  [ ! -e "$1" ] || [ -n "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main "$root"/scripts/common.sh -newer "$1" -print -quit 2>/dev/null)" ]
}

# build MODULE: packages it and what it needs, unless nothing changed since the last time.
build() {
  local module=$1 stamp="$root/.build/$1.stamp"
  mkdir -p "$root/.build"
  sources_newer_than "$stamp" || return 0
  (
    flock 9
    sources_newer_than "$stamp" || exit 0
    need mvn maven
    say "building $module (about a minute the first time)"
    touch "$stamp.new"
    (cd "$root" && mvn -q package -pl "$module" -am -DskipTests >"$root/.build/build.log" 2>&1) \
      || { tail -30 "$root/.build/build.log" >&2; die "the build failed; all of its output is in .build/build.log"; }
    rm -f "$root/.build/$module.aot"
    mv "$stamp.new" "$stamp"
  ) 9>"$root/.build/lock"
}

# The flags every JVM of ours runs with. C1 and the serial collector: small and quick to start; hot paths allocate
# nothing and pages live outside the heap, so collections are rare and short.
jvm_flags=(
  -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms16m -Xmx96m -Xss512k -XX:-UsePerfData
  -XX:MaxDirectMemorySize=64m -XX:+ExitOnOutOfMemoryError
  --enable-native-access=dev.architekt.linux --illegal-native-access=deny
  --add-modules=ALL-MODULE-PATH
)
