// Small networks for the fused executor. They cover each operator that it has kernels for, alone and
// combined, and operators that it leaves to ATen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/onnx_model.h"

namespace dreamreel::network {

// Relative to the norm: 8 bits in each of a few layers, and a ReLU or a maximum that falls to the other side.
inline constexpr double kBfloatTolerance = 0.03;
// ATen's clamp passes the gradient at the limit itself, which one number in a hundred equals with 8 bits. The
// fused executor's clamp does not pass it, as in PyTorch's ReLU6.
inline constexpr double kClampTolerance = 0.15;

struct Case {
  std::string name;
  std::vector<std::string> wanted;
  std::function<void(test::OnnxModel&)> build;
  double bfloat_tolerance = kBfloatTolerance;
};

/// All cases.
const std::vector<Case>& fused_cases();
/// The cases of fused_mobile_cases.cpp.
std::vector<Case> fused_mobile_cases();

/// Adds a convolution called `name`, and its ReLU.
void conv_relu(test::OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
               std::int64_t out, std::int64_t kernel, std::int64_t stride = 1);

/// Adds a concatenation called `name` of the inputs' channels.
void concat(test::OnnxModel& model, const std::string& name, const std::vector<std::string>& inputs);

}  // namespace dreamreel::network
