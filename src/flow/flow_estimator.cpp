#include <ATen/ops/zeros.h>

#include <algorithm>
#include <future>
#include <opencv2/video/tracking.hpp>
#include <stdexcept>

#include "dreamreel/flow/flow.h"
#include "dreamreel/image/frame.h"
#include "mat.h"

namespace dreamreel::flow {
namespace {

int preset_of(Quality quality) {
  switch (quality) {
    case Quality::ultrafast:
      return cv::DISOpticalFlow::PRESET_ULTRAFAST;
    case Quality::fast:
      return cv::DISOpticalFlow::PRESET_FAST;
    case Quality::medium:
      break;
  }
  return cv::DISOpticalFlow::PRESET_MEDIUM;
}

// DIS in two rounds. The preset finds large motion, but stops at half the size, where it lays patches of 8 px
// at distances of 3 px. The second round begins with that flow and goes down to single pixels, so edges are
// more exact. Its patches are larger, which makes up for the noise of single pixels. Frames that are small
// beside such a patch get the first round alone.
class TwoRounds : public cv::DenseOpticalFlow {
 public:
  TwoRounds() {
    constexpr int kPatchStride = 2, kRefinements = 10;
    fine_->setFinestScale(0);
    fine_->setPatchSize(kPatchSize);
    fine_->setPatchStride(kPatchStride);
    fine_->setVariationalRefinementIterations(kRefinements);
  }
  void calc(cv::InputArray from, cv::InputArray to, cv::InputOutputArray flow) override {
    coarse_->calc(from, to, flow);
    if (std::min(from.rows(), from.cols()) >= kSmallestSidePatches * kPatchSize) fine_->calc(from, to, flow);
  }
  void collectGarbage() override {
    coarse_->collectGarbage();
    fine_->collectGarbage();
  }

 private:
  static constexpr int kPatchSize = 12, kSmallestSidePatches = 4;
  const cv::Ptr<cv::DISOpticalFlow> coarse_ = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
  const cv::Ptr<cv::DISOpticalFlow> fine_ = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
};

cv::Ptr<cv::DenseOpticalFlow> make_algorithm(const FlowOptions& options) {
  switch (options.method) {
    case Method::none:
      return {};
    case Method::farneback:
      return cv::FarnebackOpticalFlow::create();
    case Method::best:
      return cv::makePtr<TwoRounds>();
    case Method::dis:
      break;
  }
  return cv::DISOpticalFlow::create(preset_of(options.quality));
}

}  // namespace

struct FlowEstimator::Impl {
  cv::Ptr<cv::DenseOpticalFlow> backward, forward;  ///< each with buffers of its own; empty for Method::none

  // "from a to b": what is at p in `a` is at p + flow(p) in `b`.
  static cv::Mat from_to(cv::DenseOpticalFlow& algorithm, const cv::Mat& a, const cv::Mat& b) {
    cv::Mat field;
    algorithm.calc(a, b, field);
    return field;
  }

  bool has_flow(std::int64_t height, std::int64_t width) const {
    return backward && std::min(height, width) >= kSmallestSide;
  }

  FlowPair pair_of(const cv::Mat& previous, const cv::Mat& current) const {
    auto there = std::async(std::launch::async, [&] { return from_to(*forward, previous, current); });
    const cv::Mat back = from_to(*backward, current, previous);
    return {field_tensor(back), field_tensor(there.get())};
  }
};

namespace {

FlowPair no_flow(std::int64_t height, std::int64_t width) {
  const at::Tensor still = at::zeros({2, height, width}, at::kFloat);
  return {still, still.clone()};
}

}  // namespace

FlowEstimator::FlowEstimator(const FlowOptions& options)
    : impl_(std::make_unique<Impl>(Impl{make_algorithm(options), make_algorithm(options)})) {
  keep_opencv_on_one_thread();
}
FlowEstimator::~FlowEstimator() = default;
FlowEstimator::FlowEstimator(FlowEstimator&&) noexcept = default;
FlowEstimator& FlowEstimator::operator=(FlowEstimator&&) noexcept = default;

FlowPair FlowEstimator::compute(const at::Tensor& previous, const at::Tensor& current) {
  image::expect_chw(previous, 3, "flow: the previous frame");
  image::expect_chw(current, 3, "flow: the current frame");
  if (previous.sizes() != current.sizes()) throw std::invalid_argument("flow: the two frames differ in size");
  const std::int64_t height = current.size(1), width = current.size(2);
  if (!impl_->has_flow(height, width)) return no_flow(height, width);
  return impl_->pair_of(luma8(previous), luma8(current));
}

FlowPair FlowEstimator::compute_levels(const at::Tensor& previous, const at::Tensor& current) {
  if (previous.sizes() != current.sizes()) throw std::invalid_argument("flow: the two frames differ in size");
  const std::int64_t height = current.size(1), width = current.size(2);
  if (!impl_->has_flow(height, width)) return no_flow(height, width);
  return impl_->pair_of(levels_mat(previous), levels_mat(current));
}

}  // namespace dreamreel::flow
