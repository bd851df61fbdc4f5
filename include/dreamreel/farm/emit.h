// Job scripts for schedulers. Files are written, nothing is submitted.
#pragma once

#include <filesystem>
#include <string>

#include "dreamreel/farm/farm.h"

namespace dreamreel::farm {

enum class Scheduler { slurm, openjd, commands };

struct EmitOptions {
  Scheduler scheduler = Scheduler::slurm;
  std::filesystem::path folder;      ///< created
  std::filesystem::path executable;  ///< absolute
  int threads = 0;                   ///< threads of a chunk; 0: left to the scheduler
  int gpus = 0;                      ///< GPUs of a chunk
};

/// Writes the scripts. slurm: submit.sh, chunk.sbatch, join.sbatch. openjd: template.yaml. commands:
/// commands, join.sh. Throws UsageError for a plan without chunks, JobError for a name with control
/// characters in it (or, for openjd, one that is not UTF-8) before anything is written, IoError.
void emit(const Farm& farm, const Places& places, const EmitOptions& options);

}  // namespace dreamreel::farm
