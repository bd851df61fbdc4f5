#!/usr/bin/env bash
# Compares the time of a whole clip in dreamreel and in PyTorch. Both take turns, so that a machine whose
# speed drifts slows both down.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bench_clip.sh [ROUNDS]

Dreams the first FRAMES frames of CLIP at SIZE three times: with dreamreel in bf16, with dreamreel in float32, and with
scripts/pytorch_clip.py. The job is dreamreel's default job with the layers mixed3 and mixed5 of the default network.
Repeats this ROUNDS times (default 1), then prints the median times and the ratios.

Needs python3-torch, python3-onnx, python3-opencv, ffmpeg, and a built dreamreel.

DREAMREEL  the executable     (default: the newest of build/*/src/app/dreamreel)
CLIP       footage            (default: vtest.avi of Debian's opencv-doc)
FRAMES     frames             (default: 100)
SIZE       picture size       (default: 640x480)
THREADS    threads            (default: 2)
PYTHON     interpreter        (default: /usr/bin/python3, Debian's)
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && usage && exit 0
readonly rounds=${1:-1} threads=${THREADS:-2} size=${SIZE:-640x480} frames=${FRAMES:-100} layers=mixed3,mixed5
readonly clip=${CLIP:-/usr/share/doc/opencv-doc/examples/data/vtest.avi} python=${PYTHON:-/usr/bin/python3}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC2012  # names here hold no newlines, and ls sorts by time
dreamreel=${DREAMREEL:-$(ls -t build/*/src/app/dreamreel 2>/dev/null | head -n 1 || true)}
[[ -x $dreamreel ]] || { echo "bench_clip: dreamreel is not built; see the README" >&2; exit 66; }
[[ -r $clip ]] || { echo "bench_clip: $clip is missing; install opencv-doc or set CLIP" >&2; exit 66; }
network=${DREAMREEL_NETWORKS:-${XDG_CACHE_HOME:-$HOME/.cache}/dreamreel/networks}
network=${network%%:*}/inception_v3.onnx
[[ -e $network ]] || { echo "bench_clip: $network is missing; run scripts/fetch_network.sh" >&2; exit 66; }
"$python" -c 'import cv2, onnx, torch' || { echo "bench_clip: install python3-opencv, python3-onnx, python3-torch" >&2; exit 69; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ffmpeg -v error -i "$clip" -frames:v "$frames" -vf "scale=${size/x/:}" -c:v libx264 -crf 12 "$scratch/clip.mp4"

ours() {
  "$dreamreel" bench --pipeline --clip "$scratch/clip.mp4" --frames "$frames" --layers "$layers" --threads "$threads" \
    --precision "$1" --json > "$scratch/ours.json"
  "$python" -c 'import json, sys; all = json.load(sys.stdin); print("%.2f %.2f" % (all["seconds"], all["steps_seconds"]))' \
    < "$scratch/ours.json"
}
theirs() {
  "$python" scripts/pytorch_clip.py "$network" "$layers" "$scratch/clip.mp4" "$frames" "$scratch/theirs.mp4" "$threads"
}
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }

declare -a bf16=() fp32=() torch=()
for ((round = 1; round <= rounds; ++round)); do
  read -r whole steps <<< "$(ours bf16)"
  bf16+=("$whole")
  echo "round $round: dreamreel bf16 $whole s, of it $steps s in steps" >&2
  read -r whole steps <<< "$(ours fp32)"
  fp32+=("$whole")
  echo "round $round: dreamreel fp32 $whole s, of it $steps s in steps" >&2
  read -r whole steps <<< "$(theirs)"
  torch+=("$whole")
  echo "round $round: PyTorch eager fp32 $whole s, of it $steps s in steps" >&2
done
b=$(printf '%s\n' "${bf16[@]}" | median) f=$(printf '%s\n' "${fp32[@]}" | median) t=$(printf '%s\n' "${torch[@]}" | median)
awk -v b="$b" -v f="$f" -v t="$t" -v s="$size" -v n="$threads" -v c="$frames" 'BEGIN {
  printf "%d frames of %s, %s threads: dreamreel bf16 %.1f s, fp32 %.1f s; PyTorch eager fp32 %.1f s\n", c, s, n, b, f, t
  printf "dreamreel is faster: bf16 %.2f times, fp32 %.2f times\n", t / b, t / f }'
