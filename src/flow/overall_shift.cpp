#include "dreamreel/flow/overall_shift.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/flatten.h>
#include <ATen/ops/median.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace dreamreel::flow {
namespace {

constexpr double kSideToCorrelate = 256;  // px
constexpr int kDetailPx = 11;             // side of the squares in which detail is told from its surroundings
constexpr double kSoftPx = 1.2;           // deviation, because shifts are rounded to whole pixels
constexpr double kFaint = 1.0 / 255;      // detail with this deviation counts half
constexpr double kMostDetail = 2;         // deviations
constexpr double kSure = 0.4, kLeast = 0.15;
constexpr int kAroundGuess = 2;  // px of small frames

// A shift in whole pixels; none where it is no number, as for flat pictures, or further than any frame.
std::int64_t whole_pixels(double shift) {
  constexpr double kMost = 1 << 20;
  return std::abs(shift) < kMost ? std::llround(shift) : 0;
}

cv::Mat small_luma(const at::Tensor& luma, double scale) {
  constexpr double kLeastSide = 8;
  const at::Tensor whole = luma.contiguous();
  const cv::Mat view(static_cast<int>(whole.size(1)), static_cast<int>(whole.size(2)), CV_8UC1,
                     whole.data_ptr<std::uint8_t>());
  cv::Mat small = view, levels;
  const cv::Size size(cvRound(std::max(kLeastSide, view.cols * scale)),
                      cvRound(std::max(kLeastSide, view.rows * scale)));
  if (scale < 1) cv::resize(view, small, size, 0, 0, cv::INTER_AREA);
  small.convertTo(levels, CV_32F, 1 / 255.0);
  return levels;
}

// Detail alone, in units of its deviation nearby, so that a bright bar counts for no more than its area.
cv::Mat detail_of(const cv::Mat& levels) {
  cv::Mat soft, mean, square, deviation;
  cv::GaussianBlur(levels, soft, {}, kSoftPx);
  cv::blur(soft, mean, {kDetailPx, kDetailPx});
  cv::blur(soft.mul(soft), square, {kDetailPx, kDetailPx});
  cv::sqrt(cv::max(square - mean.mul(mean), 0), deviation);
  cv::Mat detail;
  cv::divide(soft - mean, deviation + kFaint, detail);
  return cv::max(cv::min(detail, kMostDetail), -kMostDetail);
}

// Two small frames, and how much of their detail a shift in whole pixels of them explains.
class Comparison {
 public:
  Comparison(const at::Tensor& previous_luma, const at::Tensor& current_luma, double scale)
      : previous_(detail_of(small_luma(previous_luma, scale))),
        current_(detail_of(small_luma(current_luma, scale))),
        energy_(cv::norm(previous_) * cv::norm(current_)) {}

  // 1 where both frames are the same, and around 0 where they have nothing in common.
  double share(const cv::Point& shift) const {
    const cv::Rect frame({}, current_.size());
    const cv::Rect here = frame & (frame - shift);
    return energy_ > 0 && !here.empty() ? current_(here).dot(previous_(here + shift)) / energy_ : 0;
  }

  cv::Point best_around(const cv::Point& guess) const {
    cv::Point best = guess;
    for (int y = -kAroundGuess; y <= kAroundGuess; ++y)
      for (int x = -kAroundGuess; x <= kAroundGuess; ++x)
        if (const cv::Point shift = guess + cv::Point(x, y); share(shift) > share(best)) best = shift;
    return best;
  }

  // Of all shifts, by a correlation of the whole frames.
  cv::Point best_of_all() const {
    const cv::Size room(cv::getOptimalDFTSize(2 * current_.cols), cv::getOptimalDFTSize(2 * current_.rows));
    const auto transformed = [&](const cv::Mat& detail) {
      cv::Mat padded = cv::Mat::zeros(room, CV_32F), spectrum;
      detail.copyTo(padded(cv::Rect({}, detail.size())));
      cv::dft(padded, spectrum, 0, detail.rows);
      return spectrum;
    };
    cv::Mat product, shares;
    cv::mulSpectrums(transformed(previous_), transformed(current_), product, 0, /*conjB=*/true);
    cv::dft(product, shares, cv::DFT_INVERSE | cv::DFT_REAL_OUTPUT);
    cv::Point best;
    cv::minMaxLoc(shares, nullptr, nullptr, nullptr, &best);
    return {best.x < current_.cols ? best.x : best.x - room.width,
            best.y < current_.rows ? best.y : best.y - room.height};
  }

 private:
  const cv::Mat previous_, current_;
  const double energy_;
};

}  // namespace

Shift overall_shift(const at::Tensor& previous_luma, const at::Tensor& current_luma, const Shift& guess) {
  const auto longer = static_cast<double>(std::max(current_luma.size(1), current_luma.size(2)));
  const double scale = std::min(1.0, kSideToCorrelate / longer);
  const Comparison frames(previous_luma, current_luma, scale);
  if (frames.share({}) >= kSure) return {};
  const cv::Point small(cvRound(static_cast<double>(guess.x) * scale),
                        cvRound(static_cast<double>(guess.y) * scale));
  cv::Point best = frames.best_around(small);
  if (frames.share(best) < kSure) best = frames.best_of_all();
  if (frames.share(best) < kLeast || frames.share({}) >= frames.share(best)) return {};
  return best == small ? guess : Shift{whole_pixels(best.x / scale), whole_pixels(best.y / scale)};
}

Shift steady_shift(const at::Tensor& prev_from_cur, double times) {
  constexpr std::int64_t kEvery = 4;  // pixels either way: a sample is enough
  const at::Tensor sample =
      prev_from_cur.slice(1, 0, prev_from_cur.size(1), kEvery).slice(2, 0, prev_from_cur.size(2), kEvery);
  const auto median = [&](std::int64_t axis) {
    return whole_pixels(sample[axis].flatten().median().item<double>() * times);
  };
  return {median(0), median(1)};
}

}  // namespace dreamreel::flow
