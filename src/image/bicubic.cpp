#include "bicubic.h"

#include <ATen/TensorIterator.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <cstring>

namespace dreamreel::image {
namespace {

constexpr std::int64_t kTaps = 4;

// The weights of the pixels at -1, 0, 1 and 2 for a position t in [0,1) after pixel 0. Each weight is a cubic
// in t, with the highest power first. By Horner's rule, t = 0 gives 0, 1, 0, 0 exactly.
constexpr std::array<std::array<float, kTaps>, 4> kCubics{{{-0.5F, 1.5F, -1.5F, 0.5F},
                                                           {1.0F, -2.5F, 2.0F, -0.5F},
                                                           {-0.5F, 0.0F, 0.5F, 0.0F},
                                                           {0.0F, 1.0F, 0.0F, 0.0F}}};

/// Four numbers that are processed together: a vector type of GCC and Clang, a register of SSE2 or NEON.
using Four = float __attribute__((vector_size(kTaps * sizeof(float))));

Four four(const std::array<float, kTaps>& values) {
  return Four{values[0], values[1], values[2], values[3]};
}

Four four_at(const float* values) {
  Four loaded;
  std::memcpy(&loaded, values, sizeof loaded);
  return loaded;
}

float sum_of(Four values) {
  return (values[0] + values[1]) + (values[2] + values[3]);
}

/// A position along one side, split into the first pixel that the kernel touches and the weights.
struct Taps {
  std::int64_t first;
  Four weights;
};

// Not-a-number fails the first comparison, so no position ever reads outside the tensor. Positions are at
// least 1 here, so cutting off the fraction rounds down.
Taps taps_at(float position, float most) {
  const float least = position > 1.0F ? position : 1.0F;
  const float inside = least < most ? least : most;
  const auto whole = static_cast<std::int32_t>(inside);
  const float t = inside - static_cast<float>(whole);
  return {whole - 1,
          ((four(kCubics[0]) * t + four(kCubics[1])) * t + four(kCubics[2])) * t + four(kCubics[3])};
}

/// Computes one pixel of every channel.
struct Kernel {
  explicit Kernel(const at::Tensor& padded)
      : pixels(padded.data_ptr<float>()),
        channels(padded.size(0)),
        width(padded.size(2)),
        plane(padded.size(1) * padded.size(2)),
        most_x(static_cast<float>(padded.size(2) - kTaps + 1)),
        most_y(static_cast<float>(padded.size(1) - kTaps + 1)) {}

  void operator()(float x, float y, char** out, const std::int64_t* strides, std::int64_t i) const {
    const Taps column = taps_at(x, most_x), row = taps_at(y, most_y);
    const float* tap = pixels + row.first * width + column.first;
    for (std::int64_t channel = 0; channel < channels; ++channel, tap += plane) {
      const Four sums = four_at(tap) * row.weights[0] + four_at(tap + width) * row.weights[1] +
                        four_at(tap + 2 * width) * row.weights[2] + four_at(tap + 3 * width) * row.weights[3];
      *reinterpret_cast<float*>(out[channel] + i * strides[channel]) = sum_of(sums * column.weights);
    }
  }

  const float* pixels;
  std::int64_t channels, width, plane;
  float most_x, most_y;
};

std::array<at::Tensor, kTaps> weights_at(const at::Tensor& t) {
  std::array<at::Tensor, kTaps> weights;
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = ((t * kCubics[0][i] + kCubics[1][i]) * t + kCubics[2][i]) * t + kCubics[3][i];
  return weights;
}

}  // namespace

at::Tensor bicubic_on_cpu(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor source = padded.contiguous();
  const Kernel kernel(source);
  const at::Tensor result = at::empty({kernel.channels, x.size(0), x.size(1)}, source.options());
  // The iterator distributes the pixels over ATen's own threads. Every plane is one of its outputs.
  at::TensorIteratorConfig config;
  for (std::int64_t channel = 0; channel < kernel.channels; ++channel)
    config.add_owned_output(result[channel]);
  at::TensorIterator iterator = config.add_input(x).add_input(y).build();
  const auto channels = static_cast<std::size_t>(kernel.channels);
  iterator.for_each([&kernel, channels](char** data, const std::int64_t* strides, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
      kernel(*reinterpret_cast<const float*>(data[channels] + i * strides[channels]),
             *reinterpret_cast<const float*>(data[channels + 1] + i * strides[channels + 1]), data, strides,
             i);
  });
  return result;
}

at::Tensor bicubic_by_operators(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y) {
  const std::int64_t channels = padded.size(0), height = padded.size(1), width = padded.size(2);
  const auto kept_inside = [](const at::Tensor& position, std::int64_t length) {
    return position.nan_to_num(1.0).clamp(1.0, static_cast<double>(length - kTaps + 1));
  };
  const at::Tensor column = kept_inside(x, width), row = kept_inside(y, height);
  const at::Tensor whole_column = column.floor(), whole_row = row.floor();
  const auto column_weights = weights_at(column - whole_column);
  const auto row_weights = weights_at(row - whole_row);
  const at::Tensor first =
      ((whole_row - 1).to(at::kLong) * width + (whole_column - 1).to(at::kLong)).flatten();
  const at::Tensor pixels = padded.reshape({channels, height * width});
  at::Tensor sum = at::zeros({channels, x.size(0), x.size(1)}, padded.options());
  for (std::int64_t j = 0; j < kTaps; ++j) {
    for (std::int64_t i = 0; i < kTaps; ++i) {
      const at::Tensor tap = pixels.index_select(1, first + (j * width + i)).view(sum.sizes());
      const at::Tensor weight =
          row_weights[static_cast<std::size_t>(j)] * column_weights[static_cast<std::size_t>(i)];
      sum.add_(tap * weight);
    }
  }
  return sum;
}

}  // namespace dreamreel::image
