#!/usr/bin/env bash
# Compares the time of one ascent step in dreamreel and in PyTorch. Both take turns, so that a machine whose
# speed drifts slows both down.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bench_vs_pytorch.sh [ROUNDS] [NETWORK ...]

Times one ascent step of each NETWORK three times: with dreamreel in bf16, with dreamreel in float32, and with eager
float32 contiguous PyTorch. NETWORK is a card's name (default: inception_v3). "all" stands for inception_v3 and the five
other networks out of packages that dream. The step uses the layers that the card recommends. Repeats this ROUNDS times
(default 3), then prints a Markdown table of medians and ratios, by the clock and by the processor time of all threads.

Needs python3-torch, python3-onnx, a built dreamreel, and the networks (scripts/fetch_network.sh).

To see what lesser processors do, limit both sides alike: ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2, or
AVX512_CORE and avx512. The columns of bf16 hold a dash where the processor or the limit has no bf16.

If other programs use the machine too, only the processor times mean anything. Waiting threads should not spin then:
OMP_WAIT_POLICY=passive scripts/bench_vs_pytorch.sh 3 all

DREAMREEL  the executable     (default: the newest of build/*/src/app/dreamreel)
THREADS    threads            (default: 2; on 1 thread, PyTorch 1.13 runs most convolutions many times slower)
SIZE       picture size       (default: 640x360)
STEPS      steps a round      (default: 15)
PYTHON     interpreter        (default: /usr/bin/python3, Debian's)
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && usage && exit 0
readonly rounds=${1:-3} threads=${THREADS:-2} size=${SIZE:-640x360} steps=${STEPS:-15} python=${PYTHON:-/usr/bin/python3}
names=("${@:2}")
[[ ${#names[@]} -eq 0 ]] && names=(inception_v3)
[[ ${names[*]} == all ]] && names=(inception_v3 oid nanodet centernet faceres movenet)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC2012  # names here hold no newlines, and ls sorts by time
dreamreel=${DREAMREEL:-$(ls -t build/*/src/app/dreamreel 2>/dev/null | head -n 1 || true)}
[[ -x $dreamreel ]] || { echo "bench_vs_pytorch: dreamreel is not built; see the README" >&2; exit 66; }
folder=${DREAMREEL_NETWORKS:-${XDG_CACHE_HOME:-$HOME/.cache}/dreamreel/networks}
folder=${folder%%:*}
for name in "${names[@]}"; do
  [[ -e $folder/$name.onnx ]] ||
    { echo "bench_vs_pytorch: $folder/$name.onnx is missing; run scripts/fetch_network.sh $name" >&2; exit 66; }
done

# ours NETWORK PRECISION: times dreamreel. Prints "CLOCK PROCESSOR LAYERS", times in ms.
ours() {
  "$dreamreel" bench --network "$1" --size "$size" --steps "$steps" --threads "$threads" --precision "$2" --json |
    "$python" -c 'import json, sys; r = json.load(sys.stdin); print(r["step_ms"], r["step_cpu_ms"], ",".join(r["layers"]))'
}
# theirs NETWORK LAYERS: times PyTorch. Prints "CLOCK PROCESSOR", in ms.
theirs() { "$python" scripts/pytorch_step.py "$folder/$1.onnx" "$2" "$size" "$steps" "$threads"; }
# median COLUMN: prints the median of a column of standard input.
median() { awk -v c="$1" '{print $c}' | sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }

readonly EX_UNAVAILABLE=69
has_bf16=yes status=0
refusal=$("$dreamreel" bench --network "${names[0]}" --size 96x96 --steps 1 --precision bf16 --json 2>&1) || status=$?
if [[ $status -eq $EX_UNAVAILABLE ]]; then
  has_bf16=no
elif [[ $status -ne 0 ]]; then
  echo "$refusal" >&2
  exit "$status"
fi

echo "| network at $size, $threads threads | bf16, ms | float32, ms | PyTorch, ms | ratios | processor: bf16 | float32 | PyTorch | ratios |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for name in "${names[@]}"; do
  declare -a bf16=() fp32=() torch=()
  for ((round = 1; round <= rounds; ++round)); do
    last_bf16=-
    if [[ $has_bf16 == yes ]]; then
      read -r clock busy layers < <(ours "$name" bf16)
      last_bf16="$clock $busy"
      bf16+=("$last_bf16")
    fi
    read -r clock busy layers < <(ours "$name" fp32)
    fp32+=("$clock $busy")
    torch+=("$(theirs "$name" "$layers")")
    echo "$name, round $round (clock, processor): dreamreel bf16 $last_bf16, fp32 ${fp32[-1]}, PyTorch ${torch[-1]} ms" >&2
  done
  row=$name
  for column in 1 2; do
    b=$([[ $has_bf16 == no ]] || printf '%s\n' "${bf16[@]}" | median $column) f=$(printf '%s\n' "${fp32[@]}" | median $column)
    t=$(printf '%s\n' "${torch[@]}" | median $column)
    row+=$(awk -v b="$b" -v f="$f" -v t="$t" \
      'BEGIN { if (b == "") printf " | - | %.0f | %.0f | -, %.2f", f, t, f / t
               else printf " | %.0f | %.0f | %.0f | %.2f, %.2f", b, f, t, b / t, f / t }')
  done
  echo "| $row |"
done
