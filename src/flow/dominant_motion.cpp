#include "dreamreel/flow/dominant_motion.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <random>
#include <utility>
#include <vector>

namespace dreamreel::flow {
namespace {

constexpr std::int64_t kMostAcross = 64;  // samples along a side
constexpr int kRounds = 6, kTriples = 100;
constexpr double kLeastScale = 0.05;  // px; smaller differences are noise of the flow
constexpr double kOfMedian = 1.4826;  // from the median of absolute deviations to a standard deviation
constexpr double kCauchy = 2.385;     // 95 % efficiency for normal errors

struct Sample {
  double x, y;  // -1 to 1
  double u, v;  // px
};

// u = a + b x + c y, and v likewise.
using Affine = std::array<std::array<double, 3>, 2>;

double at_point(const std::array<double, 3>& row, const Sample& sample) {
  return row[0] + row[1] * sample.x + row[2] * sample.y;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::vector<Sample> samples_of(const at::Tensor& flow) {
  const at::Tensor contiguous = flow.cpu().contiguous();
  const auto all = contiguous.accessor<float, 3>();
  const std::int64_t height = flow.size(1), width = flow.size(2);
  const std::int64_t down = std::max<std::int64_t>(1, height / kMostAcross);
  const std::int64_t across = std::max<std::int64_t>(1, width / kMostAcross);
  std::vector<Sample> samples;
  for (std::int64_t y = down / 2; y < height; y += down)
    for (std::int64_t x = across / 2; x < width; x += across)
      samples.push_back({2 * static_cast<double>(x) / static_cast<double>(width) - 1,
                         2 * static_cast<double>(y) / static_cast<double>(height) - 1, all[0][y][x],
                         all[1][y][x]});
  return samples;
}

std::vector<double> misses_of(const Affine& affine, const std::vector<Sample>& samples) {
  std::vector<double> misses;
  for (const auto& sample : samples)
    misses.push_back(
        std::hypot(at_point(affine[0], sample) - sample.u, at_point(affine[1], sample) - sample.v));
  return misses;
}

// A weighted least-squares fit; false if the samples do not determine one.
bool fit(const std::vector<Sample>& samples, const std::vector<double>& weights, Affine& affine) {
  cv::Matx33d products = cv::Matx33d::zeros();
  cv::Matx<double, 3, 2> wanted = cv::Matx<double, 3, 2>::zeros();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::array<double, 3> terms{1, samples[i].x, samples[i].y};
    for (int row = 0; row < 3; ++row) {
      const double weighted = weights[i] * terms[static_cast<std::size_t>(row)];
      for (int column = 0; column < 3; ++column)
        products(row, column) += weighted * terms[static_cast<std::size_t>(column)];
      wanted(row, 0) += weighted * samples[i].u;
      wanted(row, 1) += weighted * samples[i].v;
    }
  }
  cv::Matx<double, 3, 2> solution;
  if (!cv::solve(products, wanted, solution, cv::DECOMP_CHOLESKY)) return false;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 2; ++column)
      affine[static_cast<std::size_t>(column)][static_cast<std::size_t>(row)] = solution(row, column);
  return true;
}

// The affine motion through three random samples that misses the others least, by the median. Half of the
// samples may have another motion (least median of squares; Rousseeuw 1984).
Affine least_median_fit(const std::vector<Sample>& samples) {
  std::vector<double> u, v;
  for (const auto& sample : samples) {
    u.push_back(sample.u);
    v.push_back(sample.v);
  }
  Affine best{{{median_of(std::move(u)), 0, 0}, {median_of(std::move(v)), 0, 0}}};
  double least = median_of(misses_of(best, samples));
  std::mt19937 random;  // always with the same numbers
  const std::vector<double> weights(3, 1);
  for (int i = 0; i < kTriples; ++i) {
    std::vector<Sample> three;
    for (int k = 0; k < 3; ++k) three.push_back(samples[random() % samples.size()]);
    Affine affine{};
    if (!fit(three, weights, affine)) continue;
    const double median = median_of(misses_of(affine, samples));
    if (!(median < least)) continue;
    least = median;
    best = affine;
  }
  return best;
}

Affine robust_fit(const std::vector<Sample>& samples) {
  Affine affine = least_median_fit(samples);
  for (int round = 0; round < kRounds; ++round) {
    auto weights = misses_of(affine, samples);
    const double scale = kCauchy * std::max(kLeastScale, kOfMedian * median_of(weights));
    for (double& weight : weights) weight = 1 / (1 + (weight / scale) * (weight / scale));
    if (!fit(samples, weights, affine)) break;
  }
  return affine;
}

}  // namespace

at::Tensor dominant_motion(const at::Tensor& flow) {
  const std::int64_t height = flow.size(1), width = flow.size(2);
  const Affine affine = robust_fit(samples_of(flow));
  const auto along = [](std::int64_t length) {
    return at::arange(length, at::kDouble) * (2.0 / static_cast<double>(length)) - 1;
  };
  const at::Tensor x = along(width).unsqueeze(0), y = along(height).unsqueeze(1);
  const auto plane = [&](const std::array<double, 3>& row) { return x * row[1] + y * row[2] + row[0]; };
  return at::stack({plane(affine[0]), plane(affine[1])}).to(at::kFloat).to(flow.device());
}

}  // namespace dreamreel::flow
