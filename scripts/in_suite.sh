#!/usr/bin/env bash
# Another release of Debian on the machine at hand: a bare root folder, and a command in it.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: in_suite.sh [--fresh] SUITE COMMAND [ARGUMENT]...

Runs a command in a root folder of a Debian release (trixie, bookworm, ...), as root of that folder. The checkout is seen
there under its own path, the command starts in it, and what it installs stays in the folder for the next command. The
folder is made the first time: by debootstrap as root, by mmdebstrap (with uidmap) as anybody else.

The suite's own builds lie in build/suites/SUITE, which the command sees as build. The machine's compiler cache and
networks are shared. Processes that the command leaves behind are ended with it.

  --fresh  make the folder anew, without what earlier commands installed

DREAMREEL_SUITES says where the folders lie (default: ${XDG_CACHE_HOME:-~/.cache}/dreamreel/suites). Packages come from the
mirror that this machine's apt uses; DREAMREEL_SUITE_MIRROR names another.

exit codes: those of the command; 64 usage; 69 no such root can be made or entered here, nothing was run
USAGE
}

readonly EX_USAGE=64 EX_UNAVAILABLE=69

say() { printf '%s\n' "in_suite: $*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

fresh=no
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --fresh) fresh=yes ;;
    -*) fail $EX_USAGE "unknown option $1 (see --help)" ;;
    *) break ;;
  esac
  shift
done
(($# >= 2)) || fail $EX_USAGE "needs a suite and a command (see --help)"
[[ $1 =~ ^[a-z]+$ ]] || fail $EX_USAGE "a suite is called by its code name, such as trixie; got '$1'"
suite=$1
shift
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}
root=${DREAMREEL_SUITES:-$cache/dreamreel/suites}/$suite
readonly fresh suite checkout cache root

# --- making the root ----------------------------------------------------------------------------------------------

# Prints the address from which apt on this machine gets Debian's main component.
mirror() {
  local codename found
  [[ -z ${DREAMREEL_SUITE_MIRROR:-} ]] || { printf '%s\n' "$DREAMREEL_SUITE_MIRROR" && return; }
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016 # $(...) belongs to apt-get
  found=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^$codename main //p" | head -n 1)
  if [[ -z $found ]] || ! grep -qx 'ID=debian' /etc/os-release; then
    fail $EX_UNAVAILABLE "apt on this machine names no mirror of Debian: set DREAMREEL_SUITE_MIRROR to one"
  fi
  printf '%s\n' "$found"
}

# Sets `tool` to the program that makes roots, after installing it where that is possible.
find_tool() {
  tool=debootstrap
  ((EUID == 0)) || tool=mmdebstrap
  command -v $tool >/dev/null && return
  ((EUID == 0)) || fail $EX_UNAVAILABLE "needs $tool and uidmap, which are not installed: apt install mmdebstrap uidmap"
  say "installing $tool"
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 $tool; } </dev/null >&2; then
    fail $EX_UNAVAILABLE "cannot install $tool"
  fi
}

# Runs the tool; the suite's folder appears under its name only when it is whole.
make_root() {
  local from part=$root.part
  from=$(mirror)
  find_tool
  say "making $root with $tool"
  forget "$part"
  mkdir -p "$(dirname "$root")"
  # apt's proxy is the tool's, too
  eval "$(apt-config shell http_proxy Acquire::http::Proxy 2>/dev/null)"
  [[ -z ${http_proxy:-} ]] || export http_proxy
  if ((EUID == 0)); then
    debootstrap --variant=minbase "$suite" "$part" "$from" >"$root.log" 2>&1
  else
    # an archive, because mmdebstrap and unshare below number the users of the root differently
    mmdebstrap --mode=unshare --variant=apt "$suite" "$root.tar" "$from" >"$root.log" 2>&1 &&
      as_root_of_users unpack_root "$root.tar" "$part" && rm "$root.tar"
  fi || { tail -n 5 "$root.log" >&2 && fail $EX_UNAVAILABLE "$tool cannot make a root of $suite: $root.log says more"; }
  as_root_of_users prepare_root "$part" || fail $EX_UNAVAILABLE "cannot write into $part"
  mv "$part" "$root"
}

# Without devices, which no ordinary user may make: the machine's own are mounted.
unpack_root() { mkdir "$2" && tar --extract --file "$1" --directory "$2" --exclude './dev/*'; }

# What the root takes from this machine: addresses, certificates, proxies. No service is started in it, and nothing is
# synced to the disk, since a root that was lost is made again.
prepare_root() {
  local part=$1
  printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
  chmod +x "$part/usr/sbin/policy-rc.d"
  printf 'force-unsafe-io\n' >"$part/etc/dpkg/dpkg.cfg.d/unsafe-io"
  (apt-config dump | grep -i '^Acquire::[a-z:/.0-9-]*Proxy' || true) >"$part/etc/apt/apt.conf.d/99proxy"
  mkdir -p "$part/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$part/usr/local/share/ca-certificates" 2>/dev/null || true
}

# Roots of ordinary users belong to users of their own, whom nobody outside may write as.
as_root_of_users() {
  if ((EUID == 0)); then
    "$@"
  else
    unshare --user --map-auto --map-root-user bash -c "$(declare -f "$1" || true)"$'\n''"$@"' bash "$@"
  fi
}

forget() { [[ ! -e $1 ]] || as_root_of_users rm -rf --one-file-system "$1"; }

mkdir -p "$(dirname "$root")" || fail $EX_UNAVAILABLE "cannot make $(dirname "$root")"
exec 9>"$root.lock"
flock 9
[[ $fresh == no ]] || forget "$root"
[[ -d $root ]] || make_root
exec 9>&-

# --- in the root --------------------------------------------------------------------------------------------------

# Lines of two paths with a tab between: one of this machine, and where the root has it.
shared_folders() {
  local common
  mkdir -p "$checkout/build/suites/$suite"
  printf '%s\t%s\n' "$checkout" "$checkout" "$checkout/build/suites/$suite" "$checkout/build"
  # a worktree's history lies elsewhere
  common=$(git -C "$checkout" rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true)
  [[ -z $common || $common == "$checkout"/* ]] || printf '%s\t%s\n' "$common" "$common"
  ! command -v ccache >/dev/null || printf '%s\t%s\n' "$(ccache -k cache_dir)" /root/.cache/ccache
  [[ ! -d $cache/dreamreel/networks ]] || printf '%s\t%s\n' "$cache/dreamreel/networks" /root/.cache/dreamreel/networks
}

# Mounts what is shared, in a namespace of mounts and processes that ends with the command.
enter() {
  local root=$1 checkout=$2 shared=$3 from to
  shift 3
  while IFS=$'\t' read -r from to; do
    [[ -d $from ]] || continue
    mkdir -p "$root$to" && mount --bind "$from" "$root$to" || return 69
  done <<<"$shared"
  for from in /dev /sys; do mount --rbind $from "$root$from" || return 69; done
  mount -t proc proc "$root/proc" || return 69
  cat /etc/resolv.conf >"$root/etc/resolv.conf"
  cat /etc/hosts >"$root/etc/hosts"
  unset XDG_CACHE_HOME TMPDIR CCACHE_DIR
  # shellcheck disable=SC2016 # the inner shell's
  exec env HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$checkout" "$@"
}

namespaces=(--mount --propagation private --pid --fork --kill-child)
((EUID == 0)) || namespaces+=(--user --map-auto --map-root-user)
unshare "${namespaces[@]}" sh -c 'mount -t proc proc /proc && mount --bind /tmp /tmp' 2>/dev/null ||
  fail $EX_UNAVAILABLE "this machine lets nobody make namespaces of their own (unshare), or mount in them, so no suite can be entered"
exec unshare "${namespaces[@]}" bash -c "$(declare -f enter); enter \"\$@\"" in_suite "$root" "$checkout" "$(shared_folders)" "$@"
