#!/usr/bin/env bash
# From a clean clone to three dreams.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: demo.sh [JOB]...

Installs what is missing, fetches two networks (the default one and oid, which knows dogs) and the samples, builds
dreamreel and renders three jobs: music_video (a clip with its sound), infinite_zoom (out of noise) and dogs (out of a
photo). Naming some renders only those; there is photo as well, the same photo dreamed by the default network.
From nothing it takes up to 20 minutes on two processors; a second run only renders.

JOBS says how many compilers run at once (default: the processors there are).
USAGE
}

readonly known=(music_video infinite_zoom dogs photo) dreams=(music_video infinite_zoom dogs)
for argument; do
  case $argument in
    -h | --help) usage && exit 0 ;;
    *)
      [[ " ${known[*]} " == *" $argument "* ]] && continue
      echo "demo: unknown job $argument; there are ${known[*]}" >&2
      exit 64
      ;;
  esac
done
names=("$@")
(($#)) || names=("${dreams[@]}")
readonly jobs=${JOBS:-$(nproc)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=()

# timed LABEL COMMAND...: runs it and notes how long it took.
timed() {
  local label=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$label" >&2
  "$@"
  report+=("$(printf '%-24s %4d s' "$label" $((SECONDS - start)))")
}

build() {
  cmake --preset default
  cmake --build --preset default --target dreamreel --parallel "$jobs"
}

# render JOB OUTPUT
render() {
  local job=configs/$1.yaml
  [[ -f $job ]] || job=configs/looks/$1.yaml
  build/default/src/app/dreamreel render "$job" --progress plain -o "$2"
}

fetch_networks() { scripts/fetch_network.sh && scripts/fetch_network.sh oid; }

declare -A output_of=([music_video]=out/music_video.mp4 [infinite_zoom]=out/infinite_zoom.mp4 [dogs]=out/dogs.png
  [photo]=out/photo.png)

timed "packages" scripts/install_deps.sh
timed "networks" fetch_networks
timed "samples" scripts/fetch_samples.sh
timed "build" build
mkdir -p out
for name in "${names[@]}"; do
  timed "$name" render "$name" "${output_of[$name]}"
done

printf '\n'
printf '%s\n' "${report[@]}" "all together             $(printf '%4d' $SECONDS) s" ""
for name in "${names[@]}"; do
  printf '%-24s %s\n' "$name" "$PWD/${output_of[$name]}"
done
