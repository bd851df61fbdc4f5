#!/usr/bin/env bash
# Runs one fuzz target of the preset `fuzz` under libFuzzer for some seconds.
set -euo pipefail

if (($# != 2)); then
  echo "usage: fuzz.sh TARGET SECONDS, e.g. fuzz.sh job_fuzz 600; log, corpus and finds go to build/fuzz/found/TARGET" >&2
  exit 64
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly target=$1 seconds=$2 name=${1%_fuzz}
readonly folder=build/fuzz/found/$target
mkdir -p "$folder/corpus"
# libFuzzer's clock goes on while a busy machine lets it wait, so that an input has far more time than it needs.
options=(-max_total_time="$seconds" -timeout=120 -rss_limit_mb=4000 -print_final_stats=1 -artifact_prefix="$folder/")
[[ ! -e tests/fuzz/dictionaries/$name.dict ]] || options+=(-dict="tests/fuzz/dictionaries/$name.dict")
folders=("$folder/corpus")
[[ ! -d tests/fuzz/corpus/$name ]] || folders+=("tests/fuzz/corpus/$name")
# Debian's clang looks for a symbolizer of its own version, which none of the installed packages has.
symbolizer=$(command -v llvm-symbolizer-16 || command -v llvm-symbolizer || true)
[[ -z $symbolizer ]] || export ASAN_SYMBOLIZER_PATH=$symbolizer
export LSAN_OPTIONS=suppressions=tests/sanitizers/lsan.supp:print_suppressions=0
# One thread is enough: the fuzzed code uses one, and other targets run at the same time.
if ! OMP_NUM_THREADS=1 "build/fuzz/tests/fuzz/$target" "${options[@]}" "${folders[@]}" >"$folder/log" 2>&1; then
  tail -n 60 "$folder/log"
  echo "$target: found something; the input is in $folder"
  exit 1
fi
echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log") inputs in $seconds s, nothing found"
