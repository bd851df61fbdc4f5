#!/usr/bin/env bash
# The pictures of docs/looks.md, one for each job in configs/looks/.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: render_looks.sh [LOOK]...

Renders each job in configs/looks/ (or only those named) and puts its picture into docs/looks/LOOK.jpg, 480 pixels wide: of
a photo the dream, of a film its last frame. Needs the networks of the looks (scripts/fetch_network.sh inception_v3, oid,
nanodet, faceres and movenet), the samples (scripts/fetch_samples.sh) and ffmpeg.

DREAMREEL says which executable to run (default: the one in build/default or build/dev).
USAGE
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Films are rendered up to here only: enough to see what they are about. Without a number: all of it.
declare -A last_frame=([menagerie]=3 [bubbles]=1)

source scripts/executable.sh
looks=("$@")
if ((!$#)); then
  for file in configs/looks/*.yaml; do looks+=("$(basename "$file" .yaml)"); done
fi
mkdir -p docs/looks
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for look in "${looks[@]}"; do
  job=configs/looks/$look.yaml
  [[ -f $job ]] || { echo "render_looks: there is no look $look in configs/looks" >&2; exit 64; }
  range=()
  [[ -n ${last_frame[$look]:-} ]] && range=(--frames "0..${last_frame[$look]}")
  # A film is written as numbered pictures, so that its last frame needs no seeking.
  if grep -q '^ *path: .*out/.*\.png' "$job"; then target=$scratch/$look.png; else target=$scratch/$look.%05d.png; fi
  echo "== $look" >&2
  "$dreamreel" render "$job" -o "$target" --set 'output.video.options=~' "${range[@]}"
  picture=$(printf '%s\n' "$scratch/$look".*png | sort | tail -1)
  ffmpeg -nostdin -loglevel error -y -i "$picture" -vf scale=480:-2:flags=lanczos -q:v 4 "docs/looks/$look.jpg"
  rm -f "$scratch/$look".*
done
