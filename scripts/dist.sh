# ./dev dist: what is installed without a clone. Fills out/dist with a tar and a Debian package, both with a Java runtime of
# their own. Sourced by ./dev after common.sh; $root and $JAVA_HOME are set.

# Times are those of the last commit, so that the same source gives the same files.
dist_epoch() {
  printf '%s' "${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}"
}

# The names of all modules that ./architekt runs with; those of the JDK follow from them.
dist_modules() {
  local listed
  listed=$("$JAVA_HOME/bin/java" -p "$root/cli/target/lib" --list-modules | grep ' file:')
  if grep -q ' automatic$' <<<"$listed"; then
    die "dist: jlink takes no automatic modules; replace these libraries: $(sed -n 's/ .*automatic$//p' <<<"$listed" | paste -sd' ')"
  fi
  sed 's/[@ ].*//' <<<"$listed" | paste -sd,
}

# The program, its runtime image and its cache of parsed classes, in folder $1.
dist_tree() {
  local tree=$1 flag flags=()
  mkdir -p "$tree/bin" "$tree/man/man1" "$tree/completions" "$tree/systemd"
  "$JAVA_HOME/bin/jlink" --module-path "$root/cli/target/lib" --add-modules "$(dist_modules)" \
    --strip-debug --no-header-files --no-man-pages --output "$tree/runtime"
  find "$tree/runtime/bin" -type f ! -name java -delete # keytool and the like
  for flag in "${jvm_flags[@]}"; do
    case "$flag" in
      -XX:TieredStopAtLevel=* | --add-modules=*) ;; # the launcher chooses; the image holds nothing else
      *) flags+=("$flag") ;;
    esac
  done
  sed "s|@JVM_FLAGS@|${flags[*]}|" "$root/packaging/architekt" >"$tree/bin/architekt"
  chmod 755 "$tree/bin/architekt"
  # The cache remembers the image's date.
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  "$tree/runtime/bin/java" "${flags[@]}" -XX:TieredStopAtLevel=1 \
    -XX:AOTCacheOutput="$tree/runtime/lib/architekt.aot" -m dev.architekt.cli/dev.architekt.cli.Main train \
    >"$root/.build/dist-aot.log" 2>&1 || die "dist: the class cache was not made; see .build/dist-aot.log"
  "$tree/bin/architekt" manual --output "$tree/man/man1"
  ARCHITEKT_COMMAND=architekt "$tree/bin/architekt" completion >"$tree/completions/architekt"
  cp "$root/packaging/architekt-node@.service" "$tree/systemd/"
  cp -r "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$root/docs" "$tree/"
}

# Median of five starts in milliseconds; said, not only promised.
dist_start_time() {
  local begin n
  for n in 1 2 3 4 5; do
    begin=$(date +%s%N)
    "$1/bin/architekt" --version >/dev/null || die "dist: $1/bin/architekt --version failed"
    echo $((($(date +%s%N) - begin) / 1000000))
  done | sort -n | sed -n 3p
}

# dist_deb TREE FILE: the same tree where Debian wants it.
dist_deb() {
  local tree=$1 file=$2 pack="$1.deb" page
  rm -rf "$pack"
  install -d "$pack/DEBIAN" "$pack/usr/bin" "$pack/usr/lib/architekt" "$pack/usr/lib/systemd/system" \
    "$pack/usr/share/man/man1" "$pack/usr/share/bash-completion/completions" "$pack/usr/share/doc/architekt/examples"
  cp -a "$tree/bin" "$tree/runtime" "$pack/usr/lib/architekt/"
  ln -s ../lib/architekt/bin/architekt "$pack/usr/bin/architekt"
  cp "$tree/systemd/"* "$pack/usr/lib/systemd/system/"
  cp "$tree/completions/architekt" "$pack/usr/share/bash-completion/completions/"
  for page in "$tree/man/man1/"*; do gzip -9n <"$page" >"$pack/usr/share/man/man1/${page##*/}.gz"; done
  cp -r "$tree/README.md" "$tree/docs" "$pack/usr/share/doc/architekt/"
  gzip -9n <"$tree/CHANGELOG.md" >"$pack/usr/share/doc/architekt/changelog.gz"
  cp "$root/packaging/debian/copyright" "$pack/usr/share/doc/architekt/"
  cp "$root/packaging/node.conf" "$pack/usr/share/doc/architekt/examples/"
  install -m 755 "$root/packaging/debian/"{postinst,prerm,postrm} "$pack/DEBIAN/"
  chmod -R u+w,go=rX "$pack/usr"
  (cd "$pack" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  sed "s/@VERSION@/$dist_version/; s/@SIZE@/$(du -sk "$pack/usr" | cut -f1)/" \
    "$root/packaging/debian/control.in" >"$pack/DEBIAN/control"
  find "$pack" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz -z2 --build "$pack" "$file" >/dev/null
  rm -rf "$pack"
}

dist() {
  local revision=1 out="$root/out/dist" work tree
  while [ $# -gt 0 ]; do
    case "$1" in
      --revision) revision=${2:-} ;;
      --output) out=${2:-} ;;
      *) die "dist: unknown word '$1'; expected --revision N or --output DIR" ;;
    esac
    shift 2 || die "dist: --revision and --output need a value"
  done
  [[ $revision =~ ^[1-9][0-9]{0,3}$ ]] || die "dist: --revision $revision: expected a number from 1 to 9999"
  need dpkg-deb dpkg xz xz-utils
  build cli
  SOURCE_DATE_EPOCH=$(dist_epoch)
  export SOURCE_DATE_EPOCH
  mkdir -p "$out"
  work=$(mktemp -d "$out/.work-XXXXXX")
  dist_work=$work # a local is gone when the trap runs
  trap 'rm -rf "$dist_work"' EXIT
  dist_version=$(sed -n 's/.*PROGRAM = "architekt \([^"]*\)".*/\1/p' "$root/cli/src/main/java/dev/architekt/cli/Version.java")-$revision
  tree="$work/architekt-$dist_version"
  say "linking a runtime image of the program's modules"
  dist_tree "$tree"
  say "architekt --version: $(dist_start_time "$tree") ms (median of five starts)"
  tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+w,go=rX \
    -cf - "architekt-$dist_version" | gzip -6n >"$work/tar"
  dist_deb "$tree" "$work/deb"
  mv "$work/tar" "$out/architekt-$dist_version-linux-amd64.tar.gz"
  mv "$work/deb" "$out/architekt_${dist_version}_amd64.deb"
  (cd "$out" && du -h "architekt-$dist_version-linux-amd64.tar.gz" "architekt_${dist_version}_amd64.deb") >&2
}
