#include "dreamreel/flow/flow_estimator.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <future>
#include <opencv2/video/tracking.hpp>
#include <stdexcept>

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

// The preset stops at half the size. Here the search goes down to single pixels, so the edges of things are
// more exact. The refinement at the end smooths what single pixels lose to grain.
class RefinedDis : public cv::DenseOpticalFlow {
 public:
  RefinedDis() { search_->setFinestScale(0); }
  void calc(cv::InputArray from, cv::InputArray to, cv::InputOutputArray flow) override {
    search_->calc(from, to, flow);
    refinement_->calc(from, to, flow);
  }
  void collectGarbage() override {
    search_->collectGarbage();
    refinement_->collectGarbage();
  }

 private:
  const cv::Ptr<cv::DISOpticalFlow> search_ = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
  const cv::Ptr<cv::VariationalRefinement> refinement_ = cv::VariationalRefinement::create();
};

cv::Ptr<cv::DenseOpticalFlow> make_algorithm(const FlowOptions& options) {
  switch (options.method) {
    case Method::none:
      return {};
    case Method::farneback:
      return cv::FarnebackOpticalFlow::create();
    case Method::best:
      return cv::makePtr<RefinedDis>();
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
