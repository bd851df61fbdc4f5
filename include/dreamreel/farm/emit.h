// Writes job scripts for schedulers. Nothing is submitted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dreamreel/farm/farm.h"

namespace dreamreel::farm {

enum class Scheduler { slurm, openjd, commands };

struct EmitOptions {
  Scheduler scheduler = Scheduler::slurm;
  std::filesystem::path folder;      ///< created
  std::filesystem::path executable;  ///< absolute
  int threads = 0;                   ///< threads of each chunk; 0: the scheduler decides
  int gpus = 0;                      ///< GPUs of each chunk
  std::int64_t memory = 0;           ///< bytes that each chunk may take (chunk --memory); 0: its default
  /// Bytes that the scheduler sets apart for each chunk, and the longest time that a chunk may run at once. A
  /// Slurm chunk that takes longer is queued again and goes on. 0: the scheduler's default. `commands` has no
  /// place for either, and OpenJD has none for the time.
  std::int64_t reserved_bytes = 0;
  int minutes = 0;
};

/// Writes the scripts. slurm: submit.sh, chunk.sbatch, join.sbatch. openjd: template.yaml. commands:
/// commands, join.sh. Before anything is written, throws UsageError for a plan without chunks, and JobError
/// for a name with control characters or, for openjd, a name that is not UTF-8. Throws IoError.
void emit(const Farm& farm, const Places& places, const EmitOptions& options);

/// Lines for people: which script begins the work, what each chunk asks the scheduler for, and what is left
/// to the scheduler's own defaults, with the option that says it.
std::vector<std::string> asked_in_words(const Farm& farm, const EmitOptions& options);

}  // namespace dreamreel::farm
