#!/usr/bin/env bash
# From a clean clone to a tested program.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: test.sh [CTEST OPTION]...

Installs what is missing, fetches the default network and the samples, checks the format, builds with warnings as
errors (preset ci) and runs every test. Quick to run again. Options go to ctest, e.g. -R core.

JOBS says how many jobs build and test at once (default: the processors there are).
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && usage && exit 0
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly jobs=${JOBS:-$(nproc)}

scripts/install_deps.sh --test
scripts/fetch_network.sh
scripts/fetch_samples.sh
scripts/check_format.sh
cmake --preset ci
cmake --build --preset ci --parallel "$jobs"
# ctest's summary stays the last thing printed: it is what says how many tests ran.
exec ctest --preset ci --no-tests=error --parallel "$jobs" "$@"
