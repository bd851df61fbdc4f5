#!/usr/bin/env bash
# Renders three dreams from a clean clone.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: demo.sh [JOB]...

Installs what is missing, fetches two networks (the default one and oid, which knows dogs) and the samples, builds
dreamreel and renders three jobs: music_video (a clip with its sound), infinite_zoom (out of noise, by the default
network) and photo. With JOB, renders only the named jobs.
The first run takes up to 20 minutes on two processors; a second run only renders.

JOBS sets how many compilers run at once (default: the number of processors).
USAGE
}

readonly dreams=(music_video infinite_zoom photo)
for argument; do
  case $argument in
    -h | --help) usage && exit 0 ;;
    *)
      [[ " ${dreams[*]} " == *" $argument "* ]] && continue
      echo "demo: unknown job $argument; there are ${dreams[*]}" >&2
      exit 64
      ;;
  esac
done
names=("$@")
(($#)) || names=("${dreams[@]}")
readonly jobs=${JOBS:-$(nproc)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=()

# timed LABEL COMMAND...: runs the command and notes how long it took.
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

# render JOB OUTPUT: renders configs/JOB.yaml to OUTPUT.
render() {
  build/default/src/app/dreamreel render "configs/$1.yaml" --progress plain -o "$2" --overwrite
}

fetch_networks() { scripts/fetch_network.sh && scripts/fetch_network.sh oid; }

declare -A output_of=([music_video]=out/music_video.mp4 [infinite_zoom]=out/infinite_zoom.mp4 [photo]=out/photo.png)

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
