#include "winograd.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "kernels.h"
#include "winograd_tiles.h"

namespace dreamreel::network {
namespace {

constexpr std::int64_t kAlignedNumbers = 16;  // float32 numbers in a cache line

constexpr std::int64_t kFewChannels = 16;  // with no more channels, the transforms cost what they save
// The most transformed numbers. Larger weights are read from memory for too few multiplications to beat a
// direct bfloat16 convolution.
constexpr std::int64_t kMostBfloatWeights = 5 << 20;
constexpr std::int64_t kMostFloatWeights = 32 << 20;  // 128 MiB, and as much again for the gradient

std::int64_t blocks_of(std::int64_t channels) {
  const auto block = block_channels();
  return (channels + block - 1) / block;
}

winograd::Problem problem_of(const WinogradShape& shape) {
  winograd::Problem problem;
  problem.kernel = shape.kernel;
  problem.in_blocks = shape.in.outer();
  problem.in_height = shape.in.height;
  problem.in_width = shape.in.width;
  problem.out_blocks = shape.out.outer();
  problem.out_height = shape.out.height;
  problem.out_width = shape.out.width;
  problem.before_rows = shape.before_rows;
  problem.before_columns = shape.before_columns;
  return problem;
}

class WinogradConvolution : public Convolution {
 public:
  WinogradConvolution(const WinogradShape& shape, std::shared_ptr<const WinogradWeights> weights,
                      at::Tensor bias, const Epilogue& epilogue, bool accumulate)
      : problem_(problem_of(shape)),
        type_(shape.in.type),
        weights_(std::move(weights)),
        bias_(std::move(bias)),
        threads_(at::get_num_threads()) {
    if (bias_.defined()) finish_.bias = bias_.data_ptr<float>();
    if (epilogue.kind == Epilogue::Kind::relu) finish_.low = 0;
    if (epilogue.kind == Epilogue::Kind::clip) {
      finish_.low = epilogue.low;
      finish_.high = epilogue.high;
    }
    if (epilogue.kind == Epilogue::Kind::leaky_relu) finish_.slope = epilogue.slope;
    finish_.accumulate = accumulate;
    const auto numbers = winograd::scratch_numbers(problem_);
    scratch_numbers_ = (numbers + kAlignedNumbers - 1) / kAlignedNumbers * kAlignedNumbers;
    // Every thread gets the same number of runs of tiles.
    const auto tiles = winograd::tile_count(problem_);
    const auto runs = (tiles + winograd::kTilesAtOnce - 1) / winograd::kTilesAtOnce;
    const auto even = (runs + threads_ - 1) / threads_ * threads_;
    tiles_a_run_ = (tiles + even - 1) / even;
  }

  using Convolution::run;
  void run(const void* src, void* dst, void* scratch, const GradientMasks& masks) override {
    finish_.open = masks.to.result;
    finish_.closed_slope =
        masks.to.activation.kind == Epilogue::Kind::leaky_relu ? masks.to.activation.slope : 0;
    if (type_ == at::kFloat)
      run_as<float>(src, dst, scratch);
    else
      run_as<winograd::Bf16>(src, dst, scratch);
  }

  bool can_mask(Epilogue::Kind kind) const override {
    return kind == Epilogue::Kind::relu || kind == Epilogue::Kind::leaky_relu;
  }

  std::int64_t scratch_bytes() const override {
    return scratch_numbers_ * threads_ * static_cast<std::int64_t>(sizeof(float));
  }

 private:
  template <typename T>
  void run_as(const void* src, void* dst, void* scratch) {
    const auto runs = (winograd::tile_count(problem_) + tiles_a_run_ - 1) / tiles_a_run_;
    // A free thread takes the next run, because on a busy machine threads are not equally fast.
    std::atomic<std::int64_t> next = 0;
    at::parallel_for(0, threads_, 1, [&](std::int64_t, std::int64_t) {
      float* const mine = static_cast<float*>(scratch) + at::get_thread_num() * scratch_numbers_;
      for (auto i = next.fetch_add(1); i < runs; i = next.fetch_add(1)) {
        const auto first = i * tiles_a_run_;
        winograd::compute(problem_, finish_, first,
                          std::min(tiles_a_run_, winograd::tile_count(problem_) - first),
                          static_cast<const T*>(src), weights_->data(), static_cast<T*>(dst), mine);
      }
    });
  }

  winograd::Problem problem_;
  winograd::Finish finish_;
  at::ScalarType type_;
  std::shared_ptr<const WinogradWeights> weights_;
  at::Tensor bias_;
  std::int64_t threads_, scratch_numbers_ = 0, tiles_a_run_ = 0;
};

}  // namespace

bool suits_winograd(const ConvolutionShape& shape) {
  if (shape.groups != 1 || !winograd_tile(shape.rows, shape.columns)) return false;
  return shape.in.format == Format::blocked && shape.out.format == Format::blocked &&
         suits_winograd(shape.in.channels, shape.out.channels, shape.in.type);
}

bool suits_winograd(std::int64_t in_channels, std::int64_t out_channels, at::ScalarType type) {
  const auto in = blocks_of(in_channels), out = blocks_of(out_channels);
  if (std::min(in_channels, out_channels) <= kFewChannels) return false;
  return winograd::weight_numbers(in, out) <= (type == at::kFloat ? kMostFloatWeights : kMostBfloatWeights);
}

std::int64_t winograd_weight_bytes(std::int64_t in_channels, std::int64_t out_channels) {
  return winograd::weight_numbers(blocks_of(in_channels), blocks_of(out_channels)) *
         static_cast<std::int64_t>(sizeof(float));
}

std::optional<WinogradTile> winograd_tile(const AxisWindows& rows, const AxisWindows& columns) {
  for (const auto& axis : {rows, columns})
    if ((axis.kernel != 3 && axis.kernel != 5) || axis.stride != 1 || axis.dilation != 1) return {};
  if (rows.kernel != columns.kernel) return {};
  const auto results = winograd::results_of(rows.kernel);
  return WinogradTile{results - 1, results};
}

WinogradWeights::WinogradWeights(const at::Tensor& weight) {
  const auto out = weight.size(0), in = weight.size(1);
  numbers_ = at::empty({winograd::weight_numbers(blocks_of(in), blocks_of(out))}, at::kFloat);
  winograd::transform_weights(weight.data_ptr<float>(), weight.size(2), out, in, numbers_.data_ptr<float>());
}

std::unique_ptr<Convolution> make_winograd(const WinogradShape& shape,
                                           std::shared_ptr<const WinogradWeights> weights, at::Tensor bias,
                                           const Epilogue& epilogue, bool accumulate) {
  return std::make_unique<WinogradConvolution>(shape, std::move(weights), std::move(bias), epilogue,
                                               accumulate);
}

}  // namespace dreamreel::network
