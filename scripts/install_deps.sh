#!/usr/bin/env bash
# The one list of Debian packages that dreamreel needs.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: install_deps.sh [--unit | --test] [--fuzz] [--list]

Installs the Debian packages that dreamreel needs to build and run, from Debian 12 or 13 (as root, or through sudo).
Running it again is safe; installed packages are skipped.

  --unit  also the packages that the modules' own tests need
  --test  also the packages that all tests need
  --fuzz  also the packages that libFuzzer needs (Debian 12 only)
  --list  print the packages and install nothing

exit codes: 0 done; 64 usage; 69 not a Debian, or no way to become root; 74 apt-get failed
USAGE
}

readonly EX_USAGE=64 EX_UNAVAILABLE=69 EX_IOERR=74

packages=(
  # the build
  build-essential cmake ninja-build ccache lld pkg-config git
  libtorch-dev                                             # tensors, autograd
  libhwy-dev                                               # vectors: loops for every kind of processor, written once
  libdnnl-dev                                              # convolutions: the oneDNN that LibTorch links
  libonnx-dev libprotobuf-dev protobuf-compiler            # network files
  libopencv-core-dev libopencv-imgproc-dev libopencv-video-dev # optical flow
  libavformat-dev libavcodec-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev
  libaubio-dev libebur128-dev                              # what is heard
  liblcms2-dev                                             # colour profiles of photos
  libfmt-dev                                               # messages
  libssl-dev                                               # SHA-256
  libcpp-httplib-dev                                       # the studio's server
  libyaml-cpp-dev libcli11-dev nlohmann-json3-dev
  # networks and samples
  ca-certificates curl python3 python3-onnx python3-numpy ffmpeg opencv-doc
)
unit_packages=(
  libgtest-dev libgmock-dev
  libonnx-testdata                  # conformance cases of every operator
  python3-torch python3-torchvision # real architectures to compare with
  python3-yaml python3-jsonschema   # to read an emitted OpenJD template, to judge by the job file's schema
)
test_packages=(
  "${unit_packages[@]}"
  chromium                          # opens and clicks the atlas page
  slurmctld slurmd slurm-client munge parallel # farms: a private Slurm, GNU parallel
  clang-format clang-tidy libomp-dev # libomp-dev: the omp.h that clang-tidy reads
)
fuzz_packages=(clang-16 libclang-rt-16-dev) # Debian 12 alone has them

say() { printf '%s\n' "install_deps: $*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

list_only=no wants_npm=yes
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --unit) packages+=("${unit_packages[@]}") wants_npm=no ;; # they use no network that is fetched
    --test) packages+=("${test_packages[@]}") ;;
    --fuzz) packages+=("${fuzz_packages[@]}") ;;
    --list) list_only=yes ;;
    *) fail $EX_USAGE "unknown option $1 (see --help)" ;;
  esac
  shift
done
# An npm from anywhere will do; Debian's draws in some 400 packages.
[[ $wants_npm == no ]] || command -v npm >/dev/null || packages+=(npm)

if [[ $list_only == yes ]]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  fail $EX_UNAVAILABLE "this is not a Debian; install what these packages hold, then build with cmake:" "${packages[*]}"
fi

# Prints the packages that are not installed.
missing_packages() {
  local installed
  # shellcheck disable=SC2016 # ${...} belongs to dpkg-query; it fails if any package is unknown, which is no error here
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) <(sort -u <<<"$installed")
}

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then
  say "all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    fail $EX_UNAVAILABLE "run this as root, or install sudo; missing packages: ${missing[*]}"
  as_root=(sudo)
  sudo true </dev/null || fail $EX_UNAVAILABLE "sudo was refused; run this as root; missing packages: ${missing[*]}"
fi
say "installing ${#missing[@]} packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq </dev/null || fail $EX_IOERR "apt-get update failed: see that this machine is online"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null >&2 ||
  fail $EX_IOERR "apt-get could not install everything; packages it was asked for: ${missing[*]}"
say "installed"
