#include "dreamreel/flow/distant.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "dreamreel/flow/reliability.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/resample.h"
#include "mat.h"
#include "read_at.h"

namespace dreamreel::flow {
namespace {

constexpr std::int64_t kCell = 32;      // px: windows are put together of such squares
constexpr double kLeastInCell = 24;     // px of it
constexpr double kMostInWindows = 0.6;  // of the frame
constexpr double kFullyUpTo = 10.0 / 255, kNotFrom = 20.0 / 255;
constexpr int kLookPx = 3;                     // side of the squares over which frames are compared
constexpr int kNearbyPx = 7, kFurtherPx = 25;  // and of those whose flow goes on beside them
constexpr double kLeastSupport = 0.01;

bool overlap(const PlaceWindow& a, const PlaceWindow& b) {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height &&
         b.top < a.top + a.height;
}

PlaceWindow both(const PlaceWindow& a, const PlaceWindow& b) {
  const std::int64_t top = std::min(a.top, b.top), left = std::min(a.left, b.left);
  return {top, left, std::max(a.top + a.height, b.top + b.height) - top,
          std::max(a.left + a.width, b.left + b.width) - left};
}

// Adds a window and joins those that overlap.
void add(std::vector<PlaceWindow>& windows, PlaceWindow window) {
  for (std::size_t i = 0; i < windows.size();) {
    if (!overlap(windows[i], window)) {
      ++i;
      continue;
    }
    window = both(windows[i], window);
    windows.erase(windows.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;
  }
  windows.push_back(window);
}

PlaceWindow clipped(std::int64_t top, std::int64_t left, std::int64_t bottom, std::int64_t right,
                    std::int64_t height, std::int64_t width) {
  top = std::clamp<std::int64_t>(top, 0, height);
  left = std::clamp<std::int64_t>(left, 0, width);
  return {top, left, std::max<std::int64_t>(0, std::min(bottom, height) - top),
          std::max<std::int64_t>(0, std::min(right, width) - left)};
}

cv::Mat plane_of(at::Tensor& tensor, std::int64_t channel) {
  return {static_cast<int>(tensor.size(1)), static_cast<int>(tensor.size(2)), CV_32FC1,
          tensor.select(0, channel).data_ptr<float>()};
}

// Means over squares, of which only what is inside counts.
at::Tensor means_around(const at::Tensor& tensor, int side) {
  at::Tensor means = tensor.clone(at::MemoryFormat::Contiguous);
  for (std::int64_t channel = 0; channel < means.size(0); ++channel) {
    cv::Mat plane = plane_of(means, channel);
    for (int round = 0; round < 2; ++round)
      cv::boxFilter(plane, plane, -1, {side, side}, {-1, -1}, /*normalize=*/true, cv::BORDER_CONSTANT);
  }
  return means;
}

// The flow where it is known, and elsewhere a mean of what is known nearby; `known` is (1,h,w), 0 or 1.
at::Tensor gone_on(const at::Tensor& flow, const at::Tensor& known) {
  at::Tensor filled = flow * known;
  at::Tensor is_open = known.lt(0.5);
  for (const int side : {kNearbyPx, kFurtherPx}) {
    const at::Tensor support = means_around(known, side);
    const at::Tensor nearby = means_around(flow * known, side) / support.clamp_min(1e-6);
    const at::Tensor now = is_open.logical_and(support.gt(kLeastSupport));
    filled = at::where(now, nearby, filled);
    is_open = is_open.logical_and(now.logical_not());
  }
  return filled;
}

at::Tensor is_within(const at::Tensor& positions) {
  const auto within = [](const at::Tensor& position, std::int64_t length) {
    return position.ge(-0.5).logical_and_(position.le(static_cast<double>(length) - 0.5));
  };
  return within(positions[0], positions.size(2)).logical_and_(within(positions[1], positions.size(1)));
}

}  // namespace

at::Tensor PlaceWindow::of(const at::Tensor& tensor) const {
  return tensor.narrow(1, top, height).narrow(2, left, width);
}

std::vector<PlaceWindow> windows_around(const at::Tensor& map, std::int64_t margin) {
  image::expect_chw(map, 1, "windows_around");
  const std::int64_t height = map.size(1), width = map.size(2);
  const at::Tensor count =
      at::avg_pool2d(map.gt(0.5).to(at::kFloat).unsqueeze(0), {kCell, kCell}, {kCell, kCell}, {0, 0},
                     /*ceil_mode=*/true, /*count_include_pad=*/true, kCell * kCell)
          .squeeze(0)
          .squeeze(0)
          .contiguous();
  const std::int64_t rows = count.size(0), columns = count.size(1);
  const float* const cells = count.data_ptr<float>();
  const double least = kLeastInCell / static_cast<double>(kCell * kCell);
  std::vector<PlaceWindow> windows;
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t column = 0; column < columns; ++column)
      if (cells[row * columns + column] >= least)
        add(windows, clipped(row * kCell - margin, column * kCell - margin, (row + 1) * kCell + margin,
                             (column + 1) * kCell + margin, height, width));
  std::int64_t area = 0;
  for (const auto& window : windows) area += window.area();
  if (static_cast<double>(area) > kMostInWindows * static_cast<double>(height * width))
    return {{0, 0, height, width}};
  return windows;
}

at::Tensor luma_levels(const at::Tensor& frame) {
  image::expect_chw(frame, 3, "luma_levels");
  return image::luma(frame).mul_(255).round_().clamp_(0, 255).to(at::kByte).cpu();
}

DistantFlow distant_flow(FlowEstimator& estimator, const at::Tensor& previous_luma,
                         const at::Tensor& current_luma, const PlaceWindow& window, const Shift& shift) {
  const at::NoGradGuard no_grad;
  const std::int64_t height = current_luma.size(1), width = current_luma.size(2);
  // Both windows lie in their frames.
  const PlaceWindow here = clipped(std::max(window.top, -shift.y), std::max(window.left, -shift.x),
                                   std::min(window.top + window.height, height - shift.y),
                                   std::min(window.left + window.width, width - shift.x), height, width);
  if (std::min(here.height, here.width) < kSmallestSide) return {};
  const PlaceWindow there{here.top + shift.y, here.left + shift.x, here.height, here.width};
  const at::Tensor current = here.of(current_luma), previous = there.of(previous_luma);
  const FlowPair pair = estimator.compute_levels(previous, current);
  const at::Tensor flow = gone_on(pair.prev_from_cur, reliability(pair, 0));
  const at::Tensor positions = image::positions({here.height, here.width}, {}, flow, at::kCPU);
  const at::Tensor moved = read_at(previous.to(at::kFloat) / 255, positions);
  const at::Tensor difference = means_around((current.to(at::kFloat) / 255 - moved).abs(), kLookPx);
  const at::Tensor trust =
      ((kNotFrom - difference) / (kNotFrom - kFullyUpTo)).clamp(0, 1) * is_within(positions).to(at::kFloat);
  at::Tensor whole = flow.clone();
  whole[0] += static_cast<double>(shift.x);
  whole[1] += static_cast<double>(shift.y);
  return {here, whole, trust};
}

}  // namespace dreamreel::flow
