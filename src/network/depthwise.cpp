#include "depthwise.h"

#include <ATen/ATen.h>

#include <utility>

#include "depthwise_rows.h"
#include "fused_taps.h"
#include "kernels.h"
#include "map_loops.h"

namespace dreamreel::network {
namespace {

/// The gate of the plane that begins `offset` numbers of T into the mask's map.
template <typename T>
rows::Gate gate_of(const Mask& mask, std::int64_t offset) {
  if (mask.result == nullptr) return {};
  const auto& activation = mask.activation;
  const bool is_clip = activation.kind == Epilogue::Kind::clip;
  return {static_cast<const T*>(mask.result) + offset, is_clip ? activation.low : 0,
          is_clip ? activation.high : 0};
}

class DepthwiseGradient : public Convolution {
 public:
  DepthwiseGradient(const ConvolutionShape& shape, at::Tensor weights, bool accumulate)
      : in_(shape.in),
        out_(shape.out),
        weights_(std::move(weights)),
        rows_(shape.rows, shape.in.height, false),
        columns_(shape.columns, shape.in.width, false),
        threads_(at::get_num_threads()) {
    gradient_.rows = rows_.axis();
    gradient_.columns = columns_.axis();
    gradient_.accumulate = accumulate;
    scratch_numbers_ = rows::depthwise_scratch(gradient_);
  }

  using Convolution::run;
  void run(const void* src, void* dst, void* scratch, const GradientMasks& masks) override {
    with_type(in_.type, [&]<typename T>(T*) {
      // Neighbouring rows are computed one after another, so that the cache still holds the rows that their
      // windows share.
      over_row_runs(in_, [&](std::int64_t outer, std::int64_t begin, std::int64_t end) {
        const auto from = outer * out_.height * out_.width * out_.block();
        const auto to = outer * in_.height * in_.width * in_.block();
        auto gradient = gradient_;
        gradient.weights = weights_.data_ptr<float>() + outer * weights_.size(1) * weights_.size(2);
        float* const mine = static_cast<float*>(scratch) + at::get_thread_num() * scratch_numbers_;
        rows::depthwise_gradient(gradient, begin, end, static_cast<const T*>(src) + from,
                                 gate_of<T>(masks.from, from), static_cast<T*>(dst) + to,
                                 gate_of<T>(masks.to, to), mine);
      });
    });
  }

  bool can_mask(Epilogue::Kind kind) const override { return passes_in_depthwise(kind); }
  std::int64_t scratch_bytes() const override {
    return scratch_numbers_ * threads_ * static_cast<std::int64_t>(sizeof(float));
  }

 private:
  Map in_, out_;
  at::Tensor weights_;
  WindowTaps rows_, columns_;
  rows::DepthwiseGradient gradient_;
  std::int64_t threads_, scratch_numbers_ = 0;
};

}  // namespace

bool suits_depthwise(const ConvolutionShape& shape) {
  return shape.groups > 1 && shape.groups == shape.in.channels && shape.groups == shape.out.channels &&
         shape.in.format == Format::blocked && shape.out.format == Format::blocked;
}

bool passes_in_depthwise(Epilogue::Kind kind) {
  return kind == Epilogue::Kind::relu || kind == Epilogue::Kind::clip;
}

at::Tensor depthwise_weights(const at::Tensor& weight) {
  const auto channels = weight.size(0), block = block_channels(), blocks = (channels + block - 1) / block;
  const auto plain = weight.to(at::kFloat).reshape({channels, -1});
  auto padded = at::zeros({blocks * block, plain.size(1)}, at::kFloat);
  padded.narrow(0, 0, channels).copy_(plain);
  return padded.view({blocks, block, -1}).transpose(1, 2).contiguous();
}

std::unique_ptr<Convolution> make_depthwise_gradient(const ConvolutionShape& shape, at::Tensor weights,
                                                     bool accumulate) {
  return std::make_unique<DepthwiseGradient>(shape, std::move(weights), accumulate);
}

}  // namespace dreamreel::network
