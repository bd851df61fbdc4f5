#!/usr/bin/env bash
# From a clean clone to a tested program.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: test.sh [--all | --only PART] [CTEST OPTION]...

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

JOBS sets how many jobs build at once (default: the number of processors). One test more than that runs at once.
NETWORKS sets which networks are fetched and compared with the files that they are made of (default: oid). All of them
are a download of 200 MB: NETWORKS="oid nanodet centernet faceres movenet selfie meet".
FUZZ_SECONDS sets how long each fuzz target runs under --all (default: 600).
USAGE
}

readonly all_parts="no_pch tidy stops fuzz asan"
parts=ci
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --all) parts="ci $all_parts" && shift ;;
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
readonly parts jobs=${JOBS:-$(nproc)} networks=${NETWORKS:-oid} fuzz_seconds=${FUZZ_SECONDS:-600}

say() { printf '\n== test.sh: %s (%s s so far)\n' "$*" "$SECONDS"; }

build() {
  cmake --preset "$1" -D DREAMREEL_TEST_NETWORKS="${networks// /;}" && cmake --build --preset "$1" --parallel "$jobs"
}

# No test at all is an error, and so is one that was not run, or was skipped where it could have run. One test more than
# there are processors, because some wait for a scheduler or a signal.
tests() {
  local results=$PWD/build/$1/tests.xml
  ctest --preset "$1" --no-tests=error --parallel $((jobs + 1)) --output-junit "$results" "${@:2}" &&
    scripts/check_skips.py "$results"  # says nothing if all is well
}

# Every target runs; xargs fails if any of them found something.
fuzz_all() {
  find build/fuzz/tests/fuzz -maxdepth 1 -name '*_fuzz' -type f -executable -printf '%f\n' | sort |
    xargs --max-procs="$jobs" --replace=TARGET scripts/fuzz.sh TARGET "$fuzz_seconds"
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

scripts/install_deps.sh --test
scripts/fetch_network.sh
for network in $networks; do scripts/fetch_network.sh "$network" --keep-source; done
scripts/fetch_samples.sh
scripts/check_format.sh
for part in $parts; do run_part "$part" "$@" || exit; done  # which turns set -e off within
[[ $parts == ci ]] || say "passed: $parts"
