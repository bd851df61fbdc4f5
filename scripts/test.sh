#!/usr/bin/env bash
# From a clean clone to a tested program.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: test.sh [--all] [CTEST OPTION]...

Installs missing packages, fetches two networks (the default one and oid) and the samples, checks the format, builds
with warnings as errors (preset ci) and runs every test. Running it again is safe and quick. Options go to ctest, e.g.
-R core.

  --all  then runs the checks that take hours: a build without precompiled headers, clang-tidy, the walk through every
         stop, ten minutes of each fuzz target (installs clang 16), AddressSanitizer and UBSan over every test

JOBS sets how many jobs build at once (default: the number of processors). One test more than that runs at once.
NETWORKS sets which networks are fetched and compared with the files that they are made of (default: oid). All of them
are a download of 200 MB: NETWORKS="oid nanodet centernet faceres movenet selfie meet".
FUZZ_SECONDS sets how long each fuzz target runs under --all (default: 600).
USAGE
}

all=no
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --all) all=yes && shift ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly all jobs=${JOBS:-$(nproc)} networks=${NETWORKS:-oid} fuzz_seconds=${FUZZ_SECONDS:-600}

say() { printf '\n== test.sh: %s (%s s so far)\n' "$*" "$SECONDS"; }

build() {
  cmake --preset "$1" -D DREAMREEL_TEST_NETWORKS="${networks// /;}" && cmake --build --preset "$1" --parallel "$jobs"
}

# No test at all is an error, and so is one that was not run, or was skipped where it could have run. One test more than
# there are processors, because some wait for a scheduler or a signal.
tests() {
  local results=$PWD/build/$1/tests.xml
  ctest --preset "$1" --no-tests=error --parallel $((jobs + 1)) --output-junit "$results" "${@:2}"
  scripts/check_skips.py "$results"  # says nothing if all is well
}

scripts/install_deps.sh --test
scripts/fetch_network.sh
for network in $networks; do scripts/fetch_network.sh "$network" --keep-source; done
scripts/fetch_samples.sh
scripts/check_format.sh
build ci
# ctest's summary stays the last thing printed: it is what says how many tests ran.
tests ci "$@"
[[ $all == yes ]] || exit 0

say "a build without precompiled headers, which hide a missing #include"
build no_pch
say "clang-tidy on every source"
build tidy
say "the walk through every stop"
DREAMREEL_ALL_STOPS=1 tests ci -R '^stops_test'
say "each fuzz target for $fuzz_seconds s"
scripts/install_deps.sh --fuzz
build fuzz
# Every target runs; xargs fails if any of them found something.
find build/fuzz/tests/fuzz -maxdepth 1 -name '*_fuzz' -type f -executable -printf '%f\n' | sort |
  xargs --max-procs="$jobs" --replace=TARGET scripts/fuzz.sh TARGET "$fuzz_seconds"
say "every test with AddressSanitizer and UBSan"
build asan
tests asan "$@"
say "all of it passed"
