#include "dreamreel/study/measure.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "distant_meter.h"
#include "dreamreel/core/error.h"
#include "dreamreel/flow/cut_detector.h"
#include "dreamreel/flow/reliability.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"

namespace dreamreel::study {
namespace {

// A pixel of the source that changed less than this (8 levels) counts as still.
constexpr double kStillLuma = 0.03;
constexpr double kEnough = 0.05;  // share of the frame; a smaller one says nothing about the rest
// A level or contrast below this is black or flat, so a ratio to it means nothing.
constexpr double kLeastForRatio = 1e-4;

/// Mean and standard deviation of `values` where `mask` is 1. Both arguments are (1,H,W).
struct Moments {
  double mean, deviation;
};

Moments moments(const at::Tensor& values, const at::Tensor& mask) {
  const double weight = mask.sum().item<double>();
  const double mean = (values * mask).sum().item<double>() / weight;
  const double variance = ((values - mean).square() * mask).sum().item<double>() / weight;
  return {mean, std::sqrt(variance)};
}

double mean_squared_error(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).square().mean().item<double>();
}

double psnr_db(double mean_squared) {
  return -10 * std::log10(mean_squared);
}

// The variance of the Laplacian, the usual measure of focus (Pech-Pacheco et al. 2000).
double laplacian_variance(const at::Tensor& luma) {
  const std::int64_t height = luma.size(1), width = luma.size(2);
  if (height < 3 || width < 3) return 0;
  const auto part = [&](std::int64_t row, std::int64_t column) {
    return luma.narrow(1, row, height - 2).narrow(2, column, width - 2);
  };
  const at::Tensor laplacian = part(0, 1) + part(2, 1) + part(1, 0) + part(1, 2) - part(1, 1) * 4;
  return laplacian.var(/*unbiased=*/false).item<double>();
}

std::optional<double> masked_warping_error(const at::Tensor& previous, const at::Tensor& current,
                                           const flow::FlowPair& flow, const at::Tensor& trusted) {
  if (trusted.mean().item<double>() < kEnough) return std::nullopt;
  const at::Tensor positions =
      image::positions({current.size(1), current.size(2)}, {}, flow.prev_from_cur, current.device());
  const at::Tensor moved = image::resample(previous, positions, image::Border::edge);
  const at::Tensor error = (current - moved).square().mean(0, /*keepdim=*/true);
  return (error * trusted).sum().item<double>() / trusted.sum().item<double>();
}

/// Compares level and contrast with an earlier frame of the same shot, where the reference stands still.
class DriftMeter {
 public:
  explicit DriftMeter(std::int64_t settle_frames) : settle_frames_(settle_frames) {}

  void begin_shot() { frames_in_shot_ = 0; }

  void measure(const at::Tensor& output_luma, const at::Tensor& reference_luma, bool reference_is_source,
               FrameMeasure& into) {
    if (frames_in_shot_++ < settle_frames_) return;
    if (frames_in_shot_ == settle_frames_ + 1) {
      settled_output_ = output_luma;
      settled_reference_ = reference_luma;
    }
    const at::Tensor still = reference_is_source
                                 ? (reference_luma - settled_reference_).abs().lt(kStillLuma).to(at::kFloat)
                                 : at::ones_like(output_luma);
    if (still.mean().item<double>() < kEnough) return;
    const Moments before = moments(settled_output_, still), now = moments(output_luma, still);
    if (before.mean > kLeastForRatio) into.level_drift = now.mean / before.mean - 1;
    if (before.deviation > kLeastForRatio) into.contrast_drift = now.deviation / before.deviation - 1;
  }

 private:
  std::int64_t settle_frames_;
  std::int64_t frames_in_shot_ = 0;
  at::Tensor settled_output_, settled_reference_;  // luma, (1,H,W)
};

std::string size_of(const at::Tensor& frame) {
  return fmt::format("{}x{}", frame.size(2), frame.size(1));
}

void expect_same_size(const at::Tensor& output, const at::Tensor& other, const std::string& what) {
  if (output.sizes() != other.sizes())
    throw DataError(
        fmt::format("measure: expected the output in the size of {}, {}, got {}: render at the source's "
                    "size, or scale one of the two first",
                    what, size_of(other), size_of(output)));
}

/// The mean of a number over the frames that have it.
class Mean {
 public:
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const { return count_ > 0 ? std::optional(sum_ / count_) : std::nullopt; }

 private:
  double sum_ = 0, count_ = 0;
};

/// The state that is carried from frame to frame.
class Meter {
 public:
  explicit Meter(const MeasureOptions& options)
      : estimator_(options.flow), drift_(options.settle_frames), distant_(options.flow) {}

  /// `reference` is the source frame, or the output itself.
  void add(const at::Tensor& output, const at::Tensor& reference, bool reference_is_source) {
    cuts_.add(reference);
    waiting_.push_back({output, reference, reference_is_source});
    measure_what_is_known();
  }

  const at::Tensor& previous_output() const { return previous_output_; }
  Measurement finish(bool has_source, std::string note);

 private:
  struct Pair {
    at::Tensor output, reference;
    bool reference_is_source = false;
  };

  void measure_what_is_known() {
    while (const auto is_cut = cuts_.next()) {
      measure(waiting_.front(), *is_cut);
      waiting_.pop_front();
    }
  }

  void measure(const Pair& pair, bool is_cut) {
    const auto& [output, reference, reference_is_source] = pair;
    FrameMeasure frame;
    frame.is_cut = is_cut;
    if (frame.is_cut) drift_.begin_shot();
    if (frame.is_cut) distant_.begin_shot();
    at::Tensor uncovered;
    if (previous_output_.defined() && !frame.is_cut) {
      const auto flow = estimator_.compute(previous_reference_, reference);
      const auto distrust = flow::distrust(flow);
      frame.warping_error = masked_warping_error(previous_output_, output, flow, flow::reliability(distrust));
      uncovered = distrust.uncovered;
    }
    distant_.measure(output, reference, reference_is_source ? uncovered : at::Tensor(), frame);
    const at::Tensor luma = image::luma(output);
    const Moments whole = moments(luma, at::ones_like(luma));
    frame.level = whole.mean;
    frame.contrast = whole.deviation;
    frame.sharpness = laplacian_variance(luma);
    if (reference_is_source) {
      const double error = mean_squared_error(output, reference);
      squared_errors_ += error;
      frame.psnr_db = psnr_db(error);
    }
    drift_.measure(luma, image::luma(reference), reference_is_source, frame);
    result_.frames.push_back(frame);
    previous_output_ = output;
    previous_reference_ = reference;
  }

  flow::FlowEstimator estimator_;
  flow::CutDetector cuts_;
  std::deque<Pair> waiting_;  // until it is known whether they begin a shot
  DriftMeter drift_;
  DistantMeter distant_;
  at::Tensor previous_output_, previous_reference_;
  double squared_errors_ = 0;
  Measurement result_;
};

void keep_largest(std::optional<double>& largest, const std::optional<double>& value) {
  if (value) largest = std::max(largest.value_or(0), std::abs(*value));
}

Measurement Meter::finish(bool has_source, std::string note) {
  cuts_.finish();
  measure_what_is_known();
  const auto count = static_cast<double>(result_.frames.size());
  Mean warping_error, warping_error_8, warping_error_24;
  for (const FrameMeasure& frame : result_.frames) {
    result_.sharpness += frame.sharpness / count;
    keep_largest(result_.level_drift, frame.level_drift);
    keep_largest(result_.contrast_drift, frame.contrast_drift);
    warping_error.add(frame.warping_error);
    warping_error_8.add(frame.warping_error_8);
    warping_error_24.add(frame.warping_error_24);
  }
  result_.warping_error = warping_error.value();
  result_.warping_error_8 = warping_error_8.value();
  result_.warping_error_24 = warping_error_24.value();
  result_.memory = distant_.whole().memory();
  result_.depth = distant_.whole().depth();
  if (has_source) result_.psnr_db = psnr_db(squared_errors_ / count);
  result_.note = std::move(note);
  return std::move(result_);
}

}  // namespace

Measurement measure(const FrameStream& output, const FrameStream& source, const MeasureOptions& options) {
  const at::NoGradGuard no_grad;
  const bool has_source = static_cast<bool>(source);
  Meter meter(options);
  std::string note = has_source ? "" : "no source: flow and cuts come from the output itself";
  std::int64_t frames = 0;
  std::optional<at::Tensor> dreamed, reference;
  while ((dreamed = output()) && (reference = has_source ? source() : dreamed)) {
    expect_same_size(*dreamed, *reference, "the source");
    if (frames++ > 0) expect_same_size(*dreamed, meter.previous_output(), "its own first frame");
    meter.add(*dreamed, *reference, has_source);
  }
  if (frames == 0)
    throw DataError(std::string("measure: expected frames, got none from the ") +
                    (dreamed ? "source" : "output"));
  const std::string compared =
      fmt::format(" after {} frames and the other goes on: only those were compared", frames);
  if (dreamed) note = "the source ends" + compared;
  if (!dreamed && has_source && source()) note = "the output ends" + compared;
  return meter.finish(has_source, std::move(note));
}

}  // namespace dreamreel::study
