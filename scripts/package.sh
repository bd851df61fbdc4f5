#!/usr/bin/env bash
# From a clean clone to a Debian package.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: package.sh [--preset PRESET]

Installs what is missing, fetches the two networks that the package holds (inception_v3 and oid), builds dreamreel and
makes build/package/dreamreel_VERSION+debN_amd64.deb for the Debian that this runs on. For another one:

  scripts/in_suite.sh trixie scripts/package.sh     # the package lies in build/suites/trixie/package
  scripts/try_package.sh trixie build/suites/trixie/package/dreamreel_*.deb

  --preset PRESET  packs another build than `default`

JOBS sets how many compilers run at once (default: the number of processors).
USAGE
}

preset=default
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --preset) preset=${2:?--preset needs a name} && shift ;;
    *) echo "package: unknown argument $1 (see --help)" >&2 && exit 64 ;;
  esac
  shift
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install_deps.sh
for network in inception_v3 oid; do scripts/fetch_network.sh "$network"; done
folder=$PWD/build/$preset
cmake --preset "$preset" -D DREAMREEL_PACKAGE_NETWORK_FOLDER="${XDG_CACHE_HOME:-$HOME/.cache}/dreamreel/networks"
cmake --build "$folder" --target dreamreel --parallel "${JOBS:-$(nproc)}"
rm -rf build/package
cpack --config "$folder/CPackConfig.cmake" -B "$PWD/build/package"
rm -rf build/package/_CPack_Packages
ls -l build/package/*.deb
