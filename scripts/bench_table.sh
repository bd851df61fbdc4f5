#!/usr/bin/env bash
# Prints Markdown tables: the time of an ascent step by network, size, precision and executor, and the time of
# a picture by its octaves.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bench_table.sh [ROUNDS]

Times ascent steps of the default network and of torchvision's googlenet, vgg16 and resnet50, each up to a layer in its
middle. The latter three are untrained, because weights do not matter to the speed. Then times whole pictures of 640x360
in 1 to 6 octaves of ten iterations. Prints the best of ROUNDS (default 1). A round takes about ten minutes on two cores.

Needs python3-torch, python3-torchvision, python3-onnx, ffmpeg, the default network (scripts/fetch_network.sh), and a
built dreamreel.

DREAMREEL  the executable               (default: the newest of build/*/src/app/dreamreel)
NETWORKS   where exported networks lie  (default: build/bench_networks; made if they are missing)
SIZES      sizes of the default network (default: 320x180 640x360 1280x720 1920x1080 3840x2160)
OTHERS     sizes of the others          (default: 320x180 640x360 1920x1080)
THREADS    threads                      (default: 2)
PYTHON     interpreter                  (default: /usr/bin/python3, Debian's)
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && usage && exit 0
readonly rounds=${1:-1} threads=${THREADS:-2} python=${PYTHON:-/usr/bin/python3}
readonly sizes=${SIZES:-320x180 640x360 1280x720 1920x1080 3840x2160} others=${OTHERS:-320x180 640x360 1920x1080}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly networks=${NETWORKS:-build/bench_networks}
# shellcheck disable=SC2012  # names here hold no newlines, and ls sorts by time
dreamreel=${DREAMREEL:-$(ls -t build/*/src/app/dreamreel 2>/dev/null | head -n 1 || true)}
[[ -x $dreamreel ]] || { echo "bench_table: dreamreel is not built; see the README" >&2; exit 66; }
mkdir -p "$networks"
for name in googlenet vgg16 resnet50; do
  [[ -e $networks/$name.onnx ]] && continue
  "$python" scripts/export_torchvision.py "$name" --weights random -o "$networks/$name.onnx" >&2
done

# step NETWORK LAYERS SIZE PRECISION EXECUTOR: prints the time of the best step in ms, and the peak memory in
# MiB.
step() {
  local steps=8
  [[ $3 == 1920x1080 ]] && steps=4
  [[ $3 == 3840x2160 ]] && steps=2
  for ((round = 0; round < rounds; ++round)); do
    "$dreamreel" bench --network "$1" --layers "$2" --size "$3" --precision "$4" --executor "$5" --threads "$threads" \
      --steps "$steps" --json | sed -E 's/.*"peak_mib":([0-9.]+).*"step_ms_min":([0-9.]+).*/\2 \1/'
  done | sort -n | head -n 1
}

echo "| network, layers | size | bf16, ms | bf16 direct | fp32 | fp32 direct | autograd bf16 | ns a pixel, bf16 | peak bf16, MiB |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
while read -r name network layers; do
  [[ $name == inception_v3* ]] && these=$sizes || these=$others
  for size in $these; do
    read -r bf16 peak < <(step "$network" "$layers" "$size" bf16 fused)
    read -r direct _ < <(step "$network" "$layers" "$size" bf16 direct)
    read -r fp32 _ < <(step "$network" "$layers" "$size" fp32 fused)
    read -r fp32_direct _ < <(step "$network" "$layers" "$size" fp32 direct)
    read -r autograd _ < <(step "$network" "$layers" "$size" bf16 autograd)
    awk -v n="$name" -v s="$size" -v b="$bf16" -v d="$direct" -v f="$fp32" -v e="$fp32_direct" -v a="$autograd" -v p="$peak" \
      'BEGIN { split(s, side, "x"); printf "| %s | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |\n",
               n, s, b, d, f, e, a, b * 1e6 / (side[1] * side[2]), p }'
  done
done <<LIST
inception_v3,mixed3+mixed5 inception_v3 mixed3,mixed5
googlenet,inception4c $networks/googlenet.onnx /inception4c/Concat
vgg16,conv4_3 $networks/vgg16.onnx /features/features.22/Relu
resnet50,layer3.2 $networks/resnet50.onnx /layer3/layer3.2/relu_2/Relu
LIST

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ffmpeg -v error -f lavfi -i mandelbrot=size=640x360 -frames:v 1 "$folder/in.png"
echo
echo "| octaves of ten iterations, 640x360 | seconds |"
echo "| --- | --- |"
for octaves in 1 2 3 4 6; do
  for ((round = 0; round < rounds; ++round)); do
    printf 'input: {path: %s}\noutput: {path: %s}\ndream: {octaves: %s, objectives: [{layer: mixed3}, {layer: mixed5}]}\n' \
      "$folder/in.png" "$folder/out.png" "$octaves" >"$folder/job.yaml"
    "$dreamreel" render "$folder/job.yaml" --restart --overwrite --threads "$threads" --profile "$folder/trace.json" --progress plain >"$folder/log" 2>&1 ||
      { cat "$folder/log" >&2; exit 1; }
    "$python" -c 'import json, sys; print(sum(e["dur"] for e in json.load(open(sys.argv[1]))["traceEvents"] if e["name"] == "ascend") / 1e6)' \
      "$folder/trace.json"
  done | sort -n | head -n 1 | awk -v o="$octaves" '{ printf "| %s | %.2f |\n", o, $1 }'
done
