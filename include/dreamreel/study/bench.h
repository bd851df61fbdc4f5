// Measures how fast the ascent is on this machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/job/job.h"

namespace dreamreel::study {

struct BenchOptions {
  cards::NetworkRef network;
  std::vector<std::string> layers;  ///< at least one; each is an objective
  int width = 640, height = 360;    ///< of the synthetic picture, px
  int steps = 15;                   ///< measured steps, at least 1; warm-up steps come before them
  std::string device = "auto";
  job::Precision precision = job::Precision::automatic;
  job::Executor executor = job::Executor::fused;
  std::int64_t memory = 0;  ///< bytes that the process may take; see RenderOptions
};

struct BenchResult {
  double step_ms = 0;  ///< median of the measured steps: forward, backward, update
  double step_ms_min = 0, step_ms_max = 0;
  double step_cpu_ms = 0;                               ///< processor time of all threads in one step, median
  double load_ms = 0;                                   ///< reading and preparing the network
  double resample_ms = 0, flow_ms = 0, pyramid_ms = 0;  ///< the other stages of a frame, medians
  std::string device, precision, executor;              ///< as used
  std::string kernels;                                  ///< network::kernels_of()
  int threads = 0;
  std::int64_t tiles = 1;  ///< number of tiles that the picture passes in
  double peak_mib = 0;
};

/// Times ascent steps on a synthetic picture, and the stages around them. Throws the errors of loading the
/// network and of dream::ascend().
BenchResult bench(const BenchOptions& options);

}  // namespace dreamreel::study
