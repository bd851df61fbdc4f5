#include "bicubic.h"

#include <ATen/TensorIterator.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <cmath>

namespace dreamreel::image {
namespace {

constexpr std::int64_t kTaps = 4;

// The weights of the pixels at -1, 0, 1 and 2 for a position t in [0,1) past pixel 0, by Horner's rule so
// that t = 0 gives 0, 1, 0, 0 exactly. Value is float or at::Tensor.
template <typename Value>
std::array<Value, kTaps> weights_at(const Value& t) {
  return {((t * -0.5F + 1.0F) * t - 0.5F) * t, (t * 1.5F - 2.5F) * t * t + 1.0F,
          ((t * -1.5F + 2.0F) * t + 0.5F) * t, (t * 0.5F - 0.5F) * t * t};
}

/// A position along one side, split into the first pixel that the kernel touches and the weights.
struct Taps {
  std::int64_t first;
  std::array<float, kTaps> weights;
};

// Written so that not-a-number fails the first comparison: no position ever reads outside the tensor.
Taps taps_at(float position, std::int64_t length) {
  const auto most = static_cast<float>(length - kTaps + 1);
  const float least = position > 1.0F ? position : 1.0F;
  const float inside = least < most ? least : most;
  const float whole = std::floor(inside);
  return {static_cast<std::int64_t>(whole) - 1, weights_at(inside - whole)};
}

/// One pixel of every channel.
struct Kernel {
  const float* pixels;
  std::int64_t channels, height, width;

  void operator()(float x, float y, char** out, const std::int64_t* strides, std::int64_t i) const {
    const Taps column = taps_at(x, width), row = taps_at(y, height);
    const float* corner = pixels + row.first * width + column.first;
    for (std::int64_t channel = 0; channel < channels; ++channel, corner += height * width) {
      float sum = 0;
      const float* tap = corner;
      for (std::size_t j = 0; j < kTaps; ++j, tap += width)
        sum += row.weights[j] * (column.weights[0] * tap[0] + column.weights[1] * tap[1] +
                                 column.weights[2] * tap[2] + column.weights[3] * tap[3]);
      *reinterpret_cast<float*>(out[channel] + i * strides[channel]) = sum;
    }
  }
};

}  // namespace

at::Tensor bicubic_on_cpu(const at::Tensor& padded, const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor source = padded.contiguous();
  const Kernel kernel{source.data_ptr<float>(), source.size(0), source.size(1), source.size(2)};
  const at::Tensor result = at::empty({kernel.channels, x.size(0), x.size(1)}, source.options());
  // The iterator shares the pixels out over ATen's own threads; every plane is one of its outputs.
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
  const auto column_weights = weights_at<at::Tensor>(column - whole_column);
  const auto row_weights = weights_at<at::Tensor>(row - whole_row);
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
