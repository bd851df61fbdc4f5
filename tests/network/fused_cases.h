// Small nets, one for each operator that the fused executor has kernels of its own for, alone and together, and for those
// that it leaves to ATen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/onnx_model.h"

namespace dreamreel::network {

// Of the norm: 8 bits in each of a few layers, and a ReLU or a maximum that falls to the other side.
inline constexpr double kBfloatTolerance = 0.03;
// ATen's clamp lets the gradient through at the limit itself, which one number in a hundred hits with 8 bits. The
// fused executor's clamp, like PyTorch's ReLU6, does not.
inline constexpr double kClampTolerance = 0.15;

struct Case {
  std::string name;
  std::vector<std::string> wanted;
  std::function<void(test::OnnxModel&)> build;
  double bfloat_tolerance = kBfloatTolerance;
};

/// All of them.
const std::vector<Case>& fused_cases();
/// The cases of fused_mobile_cases.cpp.
std::vector<Case> fused_mobile_cases();

/// A convolution called `name` and its ReLU.
void conv_relu(test::OnnxModel& model, const std::string& name, const std::string& input, std::int64_t in,
               std::int64_t out, std::int64_t kernel, std::int64_t stride = 1);

}  // namespace dreamreel::network
