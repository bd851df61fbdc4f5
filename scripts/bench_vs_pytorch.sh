#!/usr/bin/env bash
# One ascent step of dreamreel against the same step in PyTorch, in turn, so that a machine that drifts hurts both alike.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: bench_vs_pytorch.sh [ROUNDS]

Times one ascent step of the default network (mixed3 + mixed5, 640x360) with dreamreel in bf16 and in float32 and with
eager float32 contiguous PyTorch, THREADS threads each, ROUNDS times in turn (default 3), and prints the medians and
the ratios. Needs python3-torch and python3-onnx, and dreamreel built.

DREAMREEL  the executable     (default: the newest of build/*/src/app/dreamreel)
THREADS    threads            (default: 2)
SIZE       picture size       (default: 640x360)
STEPS      steps a round      (default: 15)
PYTHON     interpreter        (default: /usr/bin/python3, Debian's)
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && usage && exit 0
readonly rounds=${1:-3} threads=${THREADS:-2} size=${SIZE:-640x360} steps=${STEPS:-15}
readonly layers=mixed3,mixed5 python=${PYTHON:-/usr/bin/python3}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC2012  # names here hold no newlines, and ls sorts by time
dreamreel=${DREAMREEL:-$(ls -t build/*/src/app/dreamreel 2>/dev/null | head -n 1 || true)}
[[ -x $dreamreel ]] || { echo "bench_vs_pytorch: dreamreel is not built; see the README" >&2; exit 66; }
network=${DREAMREEL_NETWORKS:-${XDG_CACHE_HOME:-$HOME/.cache}/dreamreel/networks}
network=${network%%:*}/inception_v3.onnx
[[ -e $network ]] || { echo "bench_vs_pytorch: $network is missing; run scripts/fetch_network.sh" >&2; exit 66; }

ours() {
  "$dreamreel" bench --network inception_v3 --layers "$layers" --size "$size" --steps "$steps" --threads "$threads" \
    --precision "$1" --json | sed -E 's/.*"step_ms":([0-9.]+).*/\1/'
}
theirs() { "$python" scripts/pytorch_step.py "$network" "$layers" "$size" "$steps" "$threads"; }
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }

declare -a bf16=() fp32=() torch=()
for ((round = 1; round <= rounds; ++round)); do
  bf16+=("$(ours bf16)") fp32+=("$(ours fp32)") torch+=("$(theirs)")
  echo "round $round: dreamreel bf16 ${bf16[-1]} ms, fp32 ${fp32[-1]} ms, PyTorch eager fp32 ${torch[-1]} ms" >&2
done
b=$(printf '%s\n' "${bf16[@]}" | median) f=$(printf '%s\n' "${fp32[@]}" | median) t=$(printf '%s\n' "${torch[@]}" | median)
awk -v b="$b" -v f="$f" -v t="$t" -v s="$size" -v n="$threads" 'BEGIN {
  printf "one step at %s, %s threads: dreamreel bf16 %.1f ms, fp32 %.1f ms; PyTorch eager fp32 %.1f ms\n", s, n, b, f, t
  printf "ratio: bf16 %.3f, fp32 %.3f\n", b / t, f / t }'
