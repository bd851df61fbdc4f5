#!/usr/bin/env bash
# Renders the pictures of docs/looks.md, one for each job in configs/looks/.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: render_looks.sh [--sheet] [LOOK]...

Renders each job in configs/looks/ (or only the named ones) and puts its picture into docs/looks/LOOK.jpg, 480 pixels
wide. The picture of a film is its last frame.

Needs the networks of the looks (scripts/fetch_network.sh inception_v3, oid, nanodet, centernet, faceres and movenet),
the samples (scripts/fetch_samples.sh) and ffmpeg.

  --sheet  make docs/looks/sheet.jpg instead: each look that needs a fetched network (or each named look) on the same six
           sources, one row for each look, nothing selected

DREAMREEL sets which executable to run (default: the one in build/default or build/dev).
USAGE
}

sheet=no
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --sheet) sheet=yes && shift ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The last frame to render of a film; a few frames show its idea. Films that are not listed are rendered
# completely.
declare -A last_frame=([menagerie]=3 [bubbles]=1 [giants]=1 [library]=1)

# A sheet's cells are dreamed at this size, and shown at the smaller one.
readonly cell=256x192 shown=216x162
readonly media=samples/media most_bytes=66000 most_bytes_of_sheet=1450000

source scripts/executable.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# write_jpeg BYTES FILE ARGUMENT...: writes the picture that ffmpeg makes with these arguments. Uses the best
# quality that fits into BYTES, or the lowest quality if none fits.
write_jpeg() {
  local bytes=$1 file=$2 quality
  shift 2
  for quality in 3 4 5 6 7 8 10 12 15; do
    ffmpeg -nostdin -loglevel error -y "$@" -q:v "$quality" "$file"
    if (($(stat --format=%s "$file") <= bytes)); then break; fi
  done
}

# Makes the six sources of a sheet as numbered pictures: a photo, a face, a landscape, a frame of people
# walking, a frame of an animated film, and noise.
make_sources() {
  local number=0 arguments
  mkdir -p "$scratch/source"
  for arguments in "-i $media/fruits.jpg" "-i $media/baboon.jpg" "-i $media/home.jpg" "-ss 5 -i $media/vtest.avi" \
    "-ss 2 -i $media/Megamind.avi"; do
    # shellcheck disable=SC2086 # several arguments
    ffmpeg -nostdin -loglevel error -y $arguments -frames:v 1 \
      -vf "scale=${cell/x/:}:force_original_aspect_ratio=increase:flags=lanczos,crop=${cell/x/:},format=rgb24" \
      "$scratch/source/$((++number)).png"
  done
  printf '%s\n' 'extends: '"$PWD"'/configs/base.yaml' "input: {noise: {size: $cell, fps: 1, duration: 1f}}" \
    'dream: {iterations: 0}' >"$scratch/noise.yaml"
  "$dreamreel" render "$scratch/noise.yaml" -o "$scratch/noise.png"
}

# sheet_row LOOK: renders the look on every source, side by side, with its name. Noise is rendered on its own,
# because it must not continue the picture before it.
sheet_row() {
  local look=$1
  local -a common=(--set 'input.filter=~' --set 'input.trim=~' --set 'input.duration=~' --set temporal.flow=none
    --set 'output.video.options=~')
  mkdir -p "$scratch/$look"
  "$dreamreel" render "configs/looks/$look.yaml" -o "$scratch/$look/%d.png" --set "input.path=$scratch/source/%d.png" \
    --set input.fps=1 "${common[@]}"
  "$dreamreel" render "configs/looks/$look.yaml" -o "$scratch/$look/5.png" --set "input.path=$scratch/noise.png" \
    --set 'input.fps=~' "${common[@]}"
  ffmpeg -nostdin -loglevel error -y -start_number 0 -i "$scratch/$look/%d.png" \
    -vf "scale=${shown/x/:}:flags=lanczos,tile=6x1,drawtext=font=Sans:text=$look:x=4:y=4:fontsize=15:fontcolor=white:\
box=1:boxcolor=black@0.5:boxborderw=3" -frames:v 1 "$scratch/row-$look.png"
}

make_sheet() {
  local look rows=()
  make_sources
  for look in "$@"; do
    echo "== $look" >&2
    sheet_row "$look"
    rows+=(-i "$scratch/row-$look.png")
  done
  write_jpeg "$most_bytes_of_sheet" docs/looks/sheet.jpg "${rows[@]}" -filter_complex "vstack=inputs=$#"
}

known() {
  [[ -f configs/looks/$1.yaml ]] && return
  echo "render_looks: there is no look $1 in configs/looks" >&2
  exit 64
}

make_picture() {
  local look=$1 job=configs/looks/$1.yaml range=() target picture
  [[ -n ${last_frame[$look]:-} ]] && range=(--frames "0..${last_frame[$look]}")
  # A film is written as numbered pictures, so that its last frame needs no seeking.
  if grep -q '^ *path: .*out/.*\.png' "$job"; then target=$scratch/$look/0.png; else target=$scratch/$look/%05d.png; fi
  echo "== $look" >&2
  "$dreamreel" render "$job" -o "$target" "${range[@]}"
  # A range of frames is written into another folder beside the target.
  picture=$(find "$scratch" -path "$scratch/$look[/_]*" -name '*.png' | sort | tail -1)
  write_jpeg "$most_bytes" "docs/looks/$look.jpg" -i "$picture" -vf scale=480:-2:flags=lanczos
  rm -rf "${scratch:?}/$look" "$scratch/${look}_"*
}

# A look without a network of its own uses the default network, from base.yaml.
mapfile -t all < <(basename -s .yaml configs/looks/*.yaml)
mapfile -t with_fetched_networks < <(grep -l '^network:' configs/looks/*.yaml | xargs basename -s .yaml)
looks=("$@")
if ((!$#)); then
  looks=("${all[@]}")
  [[ $sheet == yes ]] && looks=("${with_fetched_networks[@]}")
fi
for look in "${looks[@]}"; do known "$look"; done
mkdir -p docs/looks
if [[ $sheet == yes ]]; then
  make_sheet "${looks[@]}"
else
  for look in "${looks[@]}"; do make_picture "$look"; done
fi
