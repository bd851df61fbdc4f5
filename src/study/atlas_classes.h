// The picture of one class in an atlas.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "dreamreel/dream/ascend.h"
#include "dreamreel/network/network.h"

namespace dreamreel::study {

/// How such a picture is climbed, but for its objective: with the numbers of configs/class_picture.yaml, so
/// that a job that names the class dreams of the same. `iterations` are steps per octave. A start picture
/// stays visible, because steps are smaller then.
dream::AscentOptions class_ascent(int iterations, bool has_start_picture);

/// Climbs class `channel` of the network's only layer, a class map before the softmax, against its rivals.
/// `start`: (3,side,side) float32 [0,1] on the CPU, undefined for noise. Returns the picture, of the same
/// shape, on the CPU. `observer` is called after every step and may throw.
at::Tensor class_picture(const network::Network& network, std::int64_t channel, const at::Tensor& start,
                         std::int64_t side, const dream::AscentOptions& options, std::uint64_t seed,
                         const dream::StepObserver& observer);

}  // namespace dreamreel::study
