#!/usr/bin/env bash
# From a clean clone to a tested program.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: test.sh [--all | --only PART | --suite SUITE | --quick] [CTEST OPTION]...

Installs missing packages, fetches two networks (the default one and oid) and the samples, checks the format, builds
with warnings as errors (preset ci) and runs every test. Running it again is safe and quick. Options go to ctest, e.g.
-R core.

  --all        then runs the parts below, which take hours
  --only PART  runs one of these parts instead of the tests:
               no_pch  a build without precompiled headers, which hide a missing #include
               tidy    clang-tidy on every source; again only what changed
               stops   the walk through every stop of a render
               fuzz    ten minutes of each fuzz target (installs clang 16)
               asan    every test with AddressSanitizer and UBSan
  --suite SUITE
               installs, builds and runs every test on another release of Debian instead, such as trixie
  --quick      builds only the program and the quick tests of its modules, and runs these tests

SUITES sets which other releases are tried first, with --quick (default: none): SUITES=trixie builds the program and its
modules' tests on Debian 13 too, in a root folder of its own (scripts/in_suite.sh), and runs these tests.
JOBS sets how many jobs build at once (default: the number of processors). One test more than that runs at once.
NETWORKS sets which networks are fetched and compared with the files that they are made of (default: oid). All of them
are a download of 200 MB: NETWORKS="oid nanodet centernet faceres movenet selfie meet".
FUZZ_SECONDS sets how long each fuzz target runs under --all (default: 600).
USAGE
}

readonly all_parts="no_pch tidy stops fuzz asan"
parts=ci suite=
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --all) parts="ci $all_parts" && shift ;;
  --quick) parts=quick && shift ;;
  --suite)
    suite=${2:?--suite needs the name of a release (see --help)}
    shift 2
    ;;
  --only)
    parts=${2:-}
    if [[ " $all_parts " != *" $parts "* || -z $parts ]]; then
      echo "test.sh: --only: expected one of $all_parts, got '$parts'" >&2
      exit 64
    fi
    shift 2
    ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly parts suite jobs=${JOBS:-$(nproc)} networks=${NETWORKS:-oid} fuzz_seconds=${FUZZ_SECONDS:-600}

say() { printf '\n== test.sh: %s (%s s so far)\n' "$*" "$SECONDS"; }

# build PRESET [TARGET]...
build() {
  local -a targets=()
  (($# == 1)) || targets=(--target "${@:2}")
  cmake --preset "$1" -D DREAMREEL_TEST_NETWORKS="${networks// /;}" &&
    cmake --build --preset "$1" --parallel "$jobs" "${targets[@]}"
}

readonly needed_mib=4096
memory_mib() {
  df --output=avail --block-size=1M /dev/shm 2>/dev/null | tail -n 1
  awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo
}

# Tests sync every frame that they store. A folder in memory saves them the time of a disk. It is used only where there
# is room (a container has 64 MiB), and where programs may be started from it.
scratch_folder() {
  local free
  [[ -z ${TMPDIR:-} ]] || return 0
  free=$(memory_mib | sort -n | head -n 1) || return 0
  ((${free:-0} >= needed_mib)) || return 0
  scratch=$(mktemp -d /dev/shm/dreamreel-tests-XXXXXX 2>/dev/null) || return 0
  trap 'rm -rf "$scratch"' EXIT
  printf '#!/bin/sh\n' >"$scratch/try" && chmod +x "$scratch/try" && "$scratch/try" 2>/dev/null || return 0
  export TMPDIR=$scratch
}

# No test at all is an error, and so is one that was not run, or was skipped where it could have run. One test more than
# there are processors, because some wait for a scheduler or a signal.
tests() {
  local results=$PWD/build/$1/tests.xml
  scratch_folder
  ctest --preset "$1" --no-tests=error --parallel $((jobs + 1)) --output-junit "$results" "${@:2}" &&
    scripts/check_skips.py "$results"  # says nothing if all is well
}

# Every target runs; xargs fails if any of them found something.
fuzz_all() {
  find build/fuzz/tests/fuzz -maxdepth 1 -name '*_fuzz' -type f -executable -printf '%f\n' | sort |
    xargs --max-procs="$jobs" --replace=TARGET scripts/fuzz.sh TARGET "$fuzz_seconds"
}

readonly quick_modules=(core curve image media network)

# The tests that show what another compiler and other libraries change, without what needs networks or much time.
quick() {
  build ci dreamreel "${quick_modules[@]/%/_test}" && tests ci -R "^($(IFS='|' && echo "${quick_modules[*]}"))_test" "$@"
}

is_release() { grep -qx "VERSION_CODENAME=$1" /etc/os-release; }

# Runs the quick tests in roots of other releases.
other_suites() {
  local name
  for name in ${SUITES:-}; do
    is_release "$name" && continue
    say "the program and its modules' tests on Debian's $name"
    JOBS=$jobs scripts/in_suite.sh "$name" scripts/test.sh --quick && continue
    say "it fails on $name; scripts/in_suite.sh $name scripts/test.sh --quick does this part alone"
    return 1
  done
}

run_part() {
  local part=$1
  shift
  case $part in
    # ctest's summary stays the last thing printed: it is what says how many tests ran.
    ci) build ci && tests ci "$@" ;;
    no_pch) say "a build without precompiled headers, which hide a missing #include" && build no_pch ;;
    tidy) say "clang-tidy on every source" && build tidy ;;
    stops) say "the walk through every stop" && build ci && DREAMREEL_ALL_STOPS=1 tests ci -R '^stops_test' ;;
    fuzz) say "each fuzz target for $fuzz_seconds s" && scripts/install_deps.sh --fuzz && build fuzz && fuzz_all ;;
    asan) say "every test with AddressSanitizer and UBSan" && build asan && tests asan "$@" ;;
  esac
}

if [[ -n $suite ]]; then
  exec env JOBS="$jobs" NETWORKS="$networks" SUITES='' scripts/in_suite.sh "$suite" scripts/test.sh "$@"
elif [[ $parts == quick ]]; then
  scripts/install_deps.sh --unit
  quick "$@"
  exit
fi

scripts/install_deps.sh --test
scripts/fetch_network.sh
for network in $networks; do scripts/fetch_network.sh "$network" --keep-source; done
scripts/fetch_samples.sh
if is_release bookworm; then
  scripts/check_format.sh
else
  say "the format is not checked: only Debian 12 has clang-format 14"
fi
[[ $parts != ci* ]] || other_suites
for part in $parts; do run_part "$part" "$@" || exit; done  # which turns set -e off within
[[ $parts == ci ]] || say "passed: $parts"
