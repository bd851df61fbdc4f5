#!/usr/bin/env bash
# Renders the pictures of docs/objectives.md, and the pictures of masks and palettes in docs/job.md.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: render_objectives.sh [PICTURE]...

Renders each picture of docs/objectives.md (or only the named ones) into docs/images/objectives/PICTURE.jpg.
`palettes` shows one picture with three values of dream.gradient.decorrelate. All use the default network;
logit uses oid. Needs these networks (scripts/fetch_network.sh), the samples (scripts/fetch_samples.sh) and
ffmpeg.

DREAMREEL sets which executable to run (default: the one in build/default or build/dev).
USAGE
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly media=$PWD/samples/media folder=docs/images/objectives
readonly pictures=(
  energy mean channels neuron logit guide style content direction diversity
  grain laplacian smooth decorrelate total_variation grey blur clip adam transforms fourier mask palettes)

# dream_of PICTURE: prints the keys that the picture's job has under `dream`.
dream_of() {
  local energy='objectives: [{layer: mixed4}]' grain='objectives: [{layer: mixed2}]'
  case $1 in
    energy) echo "$energy" ;;
    mean) echo 'objectives: [{layer: mixed4, kind: mean}]' ;;
    channels) echo 'objectives: [{layer: mixed4, kind: channels, channels: [57]}]' ;;
    neuron)
      echo 'objectives: [{layer: mixed4, kind: neuron, channels: [57], at: [0.66, 0.3]}]'
      echo 'iterations: 30'
      ;;
    logit)
      echo 'objectives:'
      echo '  - {class: dog, network: oid, rivals: 1, selectivity: 1}'
      echo '  - {layer: block15, network: oid, weight: 0.1}'
      printf '%s\n' 'octaves: 5' 'iterations: 30' 'transforms: {scale: 0.1, rotate: 10}' \
        'gradient: {laplacian: 4, decorrelate: 0.7}'
      ;;
    guide) echo "objectives: [{layer: mixed3, kind: guide, image: $media/fruits.jpg, size: 400, selectivity: 1}]" ;;
    style) # the recipe of docs/objectives.md
      sed -n '/^## style/,/^## content/p' docs/objectives.md | sed -n '/^  objectives:/,/^```/p' | sed '$d; s/^  //' |
        sed "s#starry_night.jpg#$media/starry_night.jpg#"
      ;;
    content) echo 'objectives: [{layer: mixed4}, {layer: mixed1, kind: content, weight: 4}]' ;;
    direction)
      local vector
      vector=$(for ((c = 0; c < 768; ++c)); do ((c == 57 || c == 17)) && echo 1 || echo 0; done | paste -sd,)
      echo "objectives: [{layer: mixed4, kind: direction, vector: [$vector], selectivity: 1}]"
      ;;
    diversity) echo 'objectives: [{layer: mixed4}, {layer: mixed4, kind: diversity, weight: 20}]' ;;
    grain) echo "$grain" ;;
    laplacian) printf '%s\n' "$energy" 'gradient: {laplacian: 4}' ;;
    smooth) printf '%s\n' "$grain" 'gradient: {smooth: 2}' ;;
    decorrelate) printf '%s\n' "$grain" 'gradient: {decorrelate: 0}' ;;
    total_variation) printf '%s\n' "$grain" 'regularise: {total_variation: 0.4}' ;;
    grey) printf '%s\n' "$energy" 'regularise: {grey: 3}' ;;
    blur) printf '%s\n' "$grain" 'regularise: {blur: 1.5, blur_end: 0, blur_every: 2}' ;;
    clip) printf '%s\n' "$energy" 'regularise: {clip: 0.6}' ;;
    adam) printf '%s\n' "$energy" 'optimizer: adam' ;;
    transforms) printf '%s\n' "$energy" 'transforms: {scale: 0.2, rotate: 20}' ;;
    fourier)
      echo 'objectives: [{layer: mixed4, kind: channels, channels: [17]}]'
      printf '%s\n' 'octaves: 1' 'iterations: 200' 'jitter: 16' 'optimizer: adam' 'parameterization: fourier' \
        'transforms: {scale: 0.1, rotate: 10}'
      ;;
    mask) printf '%s\n' "$energy" 'mask: {from: luma, range: [0, 0.25], feather: 8}' ;;
  esac
}

# job_of PICTURE: prints the whole job. All jobs extend butterfly.yaml in the same folder.
job_of() {
  echo 'extends: butterfly.yaml'
  if [[ $1 == fourier ]]; then
    echo 'input: {noise: {size: 360x260, fps: 1, duration: 1f}}'
  else
    echo "input: {path: $media/butterfly.jpg, filter: 'scale=360:-2'}"
  fi
  echo 'dream:'
  dream_of "$1" | sed 's/^/  /'
}

# make_palettes: a photo beside its dreams with three values of decorrelate.
make_palettes() {
  local value inputs=(-i "$media/fruits.jpg")
  for value in 0 0.8 1; do
    printf '%s\n' "extends: $PWD/configs/base.yaml" "input: {path: $media/fruits.jpg, filter: 'scale=320:300'}" \
      "dream: {gradient: {decorrelate: $value}}" >"$scratch/palettes.yaml"
    "$dreamreel" render "$scratch/palettes.yaml" -o "$scratch/palette-$value.png"
    inputs+=(-i "$scratch/palette-$value.png")
  done
  ffmpeg -nostdin -loglevel error -y "${inputs[@]}" \
    -filter_complex '[0]scale=320:300:flags=lanczos,format=rgb24[plain];[1]format=rgb24[a];[2]format=rgb24[b];
      [3]format=rgb24[c];[plain][a][b][c]hstack=inputs=4' -q:v 5 "$folder/palettes.jpg"
}

source scripts/executable.sh
wanted=("$@")
(($#)) || wanted=("${pictures[@]}")
for picture in "${wanted[@]}"; do
  [[ " ${pictures[*]} " == *" $picture "* ]] && continue
  echo "render_objectives: there is no picture $picture; there are ${pictures[*]}" >&2
  exit 64
done
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '%s\n' "extends: $PWD/configs/base.yaml" 'dream: {octave_scale: 1.4, iterations: 12}' >"$scratch/butterfly.yaml"

for picture in "${wanted[@]}"; do
  echo "== $picture" >&2
  if [[ $picture == palettes ]]; then
    make_palettes
    continue
  fi
  job_of "$picture" >"$scratch/$picture.yaml"
  "$dreamreel" render "$scratch/$picture.yaml" -o "$scratch/$picture.png"
  ffmpeg -nostdin -loglevel error -y -i "$scratch/$picture.png" -q:v 5 "$folder/$picture.jpg"
done
