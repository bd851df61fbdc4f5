#include <fmt/core.h>

#include "dreamreel/core/error.h"
#include "script.h"

namespace dreamreel::farm {
namespace fs = std::filesystem;
namespace {

// USR1 means "time is nearly up": the chunk saves its frames, and this script queues it again. TERM means
// "stop" (scancel, preemption). The script never requeues after TERM, because a cancelled job would come
// back. The script has to catch TERM itself, because otherwise Slurm would kill the renderer with it. One
// scancel may deliver TERM twice.
constexpr const char* kChunk = R"(set -u
again=0 pid=
trap 'again=1; [ -n "$pid" ] && kill -USR1 "$pid" 2>/dev/null' USR1
trap '[ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null' TERM
index=$((${DREAMREEL_FIRST:-0} + SLURM_ARRAY_TASK_ID))
@COMMAND@ --index "$index" &
pid=$!
while :; do
  wait "$pid"
  rc=$?
  [ $rc -gt 128 ] && kill -0 "$pid" 2>/dev/null || break
done
if [ $rc -gt 128 ]; then
  wait "$pid" 2>/dev/null
  late=$?
  [ $late -ne 127 ] && rc=$late
fi
echo "chunk $index: exit code $rc, restart ${SLURM_RESTART_COUNT:-0}"
if [ $rc -eq 75 ] && [ $again = 1 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 100 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && { trap - TERM; sleep 60; }
fi
exit $rc
)";

constexpr const char* kSubmit = R"(# usage: submit.sh [CHUNKS]
# Submits the chunks (all, or e.g. 1,4-5) as job arrays, and a join that runs when they have succeeded.
set -euo pipefail
here=@HERE@
chunks=${1:-0-@LAST@}
mkdir -p "$here/logs"
logs=${here//%/%%}/logs # Slurm replaces %x and the like in a log's name
declare -A arrays=()
IFS=, read -ra items <<<"$chunks"
for item in "${items[@]}"; do
  for ((i = ${item%-*}; i <= ${item#*-}; i++)); do # an array holds at most 1000 indices
    g=$((i / 1000))
    arrays[$g]=${arrays[$g]:+${arrays[$g]},}$((i % 1000))
  done
done
after=
for g in "${!arrays[@]}"; do
  job=$(sbatch --parsable --array="${arrays[$g]}" --export=ALL,DREAMREEL_FIRST=$((g * 1000)) \
    --output="$logs/%x.%A_%a.log" "$here/chunk.sbatch")
  echo "chunks $job"
  after=$after:${job%%;*}
done
# Without kill-on-invalid-dep a join whose chunks failed would wait for ever.
join=$(sbatch --parsable --dependency="afterok$after" --kill-on-invalid-dep=yes --output="$logs/%x.%j.log" \
  "$here/join.sbatch")
echo "join ${join%%;*}"
)";

std::string filled(std::string text, const std::string& mark, const std::string& value) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
    text.replace(at, mark.size(), value);
  return text;
}

std::string chunk_header(const EmitOptions& options) {
  std::string text =
      "#!/bin/bash\n#SBATCH --job-name=dreamreel-chunk\n#SBATCH --open-mode=append\n#SBATCH --requeue\n"
      "#SBATCH --signal=B:USR1@90\n";
  if (options.threads > 0) text += fmt::format("#SBATCH --cpus-per-task={}\n", options.threads);
  if (options.gpus > 0) text += fmt::format("#SBATCH --gres=gpu:{}\n", options.gpus);
  constexpr std::int64_t kMebibyte = 1 << 20;
  if (options.reserved_bytes > 0)
    text += fmt::format("#SBATCH --mem={}M\n", (options.reserved_bytes + kMebibyte - 1) / kMebibyte);
  if (options.minutes > 0) text += fmt::format("#SBATCH --time={}\n", options.minutes);
  return text;
}

}  // namespace

void emit_slurm(const Farm& farm, const Places& places, const EmitOptions& options) {
  const fs::path folder = fs::absolute(options.folder).lexically_normal();
  std::error_code error;
  fs::create_directories(folder / "logs", error);
  if (error)
    throw IoError(
        fmt::format("cannot create the folder {}: {}", (folder / "logs").string(), error.message()));
  write_script(folder / "chunk.sbatch",
               chunk_header(options) + filled(kChunk, "@COMMAND@", chunk_command(farm, places, options)),
               true);
  write_script(
      folder / "join.sbatch",
      fmt::format("#!/bin/bash\n#SBATCH --job-name=dreamreel-join\n#SBATCH --open-mode=append\nexec {}\n",
                  join_command(farm, places, options)),
      true);
  const std::string last = std::to_string(farm.plan.chunks.size() - 1);
  write_script(
      folder / "submit.sh",
      "#!/bin/bash\n" + filled(filled(kSubmit, "@LAST@", last), "@HERE@", shell_quoted(folder.string())),
      true);
}

}  // namespace dreamreel::farm
