#include "dreamreel/flow/cut_detector.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <optional>
#include <vector>

#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "mat.h"

// Note [How a cut is told]
//
// At a cut, two things change at once. Each change alone has a harmless cause:
//   - Structure: the picture cannot be made of the picture before, even along the flow. If only the structure
//     changes, the motion was too fast or too blurred for the flow.
//   - Colours: the histogram jumps. If only the colours change, the cause is a flash or a fade. (Correlation
//     ignores gain and offset, so the structure stays.)
// So a cut needs both changes. Each is compared with a floor, and with the usual change in the frames before.
//
// A frame without any structure (a white flash, a black gap) tells nothing, so it is passed over. The next
// frame with structure is compared with the last frame that had structure. All this works on thumbnails,
// where grain has averaged out.
//
// After a change of both, the next few frames decide. If one of them continues the picture before the change,
// the frames between were an inverted frame, a strobe or an inserted picture, and the shot goes on.

namespace dreamreel::flow {

struct Thumbnail {
  cv::Mat luma;       // 8 bit
  cv::Mat unit_luma;  // float [0,1]
  cv::Mat histogram;  // shares of colours, which add up to 1
  double contrast = 0;
  double level = 0;
};

namespace {

constexpr image::Size kThumbnail{64, 96};
constexpr double kFeatureless = 0.02;   // standard deviation of luma: fog, flashes, black
constexpr double kLowStructure = 0.5;   // correlation; within a shot it is usually above 0.8
constexpr double kStructureDrop = 0.2;  // below the usual structure
constexpr double kSameAgain = 0.7;      // structure above which a picture is back, whatever its colours
constexpr double kMiddle = 0.4;      // share of each side: the part searched for when the whole frame moves
constexpr double kColourJump = 0.1;  // half the L1 distance of histograms, 0..1
constexpr double kColourOverUsual = 3;          // times the usual change of colours
constexpr double kLightsOn = 0.1;               // mean change of luma from a featureless beginning
constexpr std::size_t kHistory = 8;             // frames
constexpr int kWindow = 9;                      // px of a thumbnail: the patch that is correlated
constexpr double kNoiseVariance = 0.01 * 0.01;  // variance that counts as noise, not as structure

cv::Mat colour_histogram(const at::Tensor& thumbnail) {
  constexpr int kBins = 8;
  std::vector<cv::Mat> planes;
  const at::Tensor whole = thumbnail.sqrt();  // spreads the dark levels, where night scenes differ
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    const at::Tensor plane = whole[channel];
    planes.emplace_back(static_cast<int>(kThumbnail.height), static_cast<int>(kThumbnail.width), CV_32FC1,
                        plane.data_ptr<float>());
  }
  const int channels[] = {0, 1, 2}, bins[] = {kBins, kBins, kBins};
  const float range[] = {0.0F, 1.0001F};
  const float* ranges[] = {range, range, range};
  cv::Mat interleaved, histogram;
  cv::merge(planes, interleaved);
  cv::calcHist(&interleaved, 1, channels, {}, histogram, 3, bins, ranges);
  histogram /= static_cast<double>(kThumbnail.height * kThumbnail.width);
  return histogram;
}

Thumbnail thumbnail_of(const at::Tensor& frame) {
  const at::Tensor small = image::resize(frame.cpu(), kThumbnail).clamp_(0, 1);
  Thumbnail thumbnail;
  thumbnail.luma = luma8(small);
  thumbnail.luma.convertTo(thumbnail.unit_luma, CV_32F, 1.0 / 255);
  thumbnail.histogram = colour_histogram(small);
  cv::Scalar mean, deviation;
  cv::meanStdDev(thumbnail.unit_luma, mean, deviation);
  thumbnail.level = mean[0];
  thumbnail.contrast = deviation[0];
  return thumbnail;
}

double histogram_distance(const Thumbnail& a, const Thumbnail& b) {
  return cv::norm(a.histogram, b.histogram, cv::NORM_L1) / 2;
}

// Mean correlation of the patches where `known` is not 0, weighted with their contrast: 1 = the same
// structure at any gain and offset, 0 = none.
double patch_correlation(const cv::Mat& a, const cv::Mat& b, const cv::Mat& known) {
  const auto smooth = [](const cv::Mat& values) {
    cv::Mat result;
    cv::boxFilter(values, result, CV_32F, {kWindow, kWindow});
    return result;
  };
  const cv::Mat mean_a = smooth(a), mean_b = smooth(b);
  const cv::Mat covariance = smooth(a.mul(b)) - mean_a.mul(mean_b);
  const cv::Mat variance_a = cv::max(smooth(a.mul(a)) - mean_a.mul(mean_a), 0);
  const cv::Mat variance_b = cv::max(smooth(b.mul(b)) - mean_b.mul(mean_b), 0);
  cv::Mat deviations, weight;
  cv::sqrt(variance_a.mul(variance_b), deviations);
  cv::sqrt(cv::max(variance_a, variance_b), weight);
  weight.setTo(0, known == 0);
  const cv::Mat correlation = covariance / (deviations + kNoiseVariance);
  return cv::sum(correlation.mul(weight))[0] / (cv::sum(weight)[0] + 1e-9);
}

// How far the middle part of `after` has moved since `before`: at most (1 - kMiddle) / 2 of each side.
cv::Point shift_of_middle(const cv::Mat& before, const cv::Mat& after) {
  const cv::Size size(static_cast<int>(after.cols * kMiddle), static_cast<int>(after.rows * kMiddle));
  const cv::Point corner((after.cols - size.width) / 2, (after.rows - size.height) / 2);
  cv::Mat score;
  cv::matchTemplate(before, after(cv::Rect(corner, size)), score, cv::TM_CCOEFF_NORMED);
  cv::Point best;
  cv::minMaxLoc(score, nullptr, nullptr, nullptr, &best);
  return corner - best;
}

double median(const std::deque<double>& values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

void remember(std::deque<double>& values, double value) {
  values.push_back(value);
  if (values.size() > kHistory) values.pop_front();
}

}  // namespace

struct CutDetector::Impl {
  cv::Ptr<cv::DISOpticalFlow> motion = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_FAST);
  std::optional<Thumbnail> reference;       // the last frame that had structure
  std::optional<double> featureless_level;  // mean luma of the frames before any had structure
  std::deque<double> structures, colours;   // the changes within the shot so far
  std::deque<Thumbnail> waiting;            // frames whose verdicts are open
  std::size_t looked_at = 0;  // waiting frames that were compared; 0 unless the first one breaks
  std::deque<bool> told;      // verdicts that next() has not returned yet

  // How well `current` can be made by moving the reference along the flow. The flow loses a pan of more than
  // about a tenth of the frame. So if it fails, the reference is first shifted as a whole, and tried again.
  double structure(const Thumbnail& current) const {
    const cv::Mat everywhere(current.luma.size(), CV_8UC1, cv::Scalar(255));
    const double along_flow = structure_along_flow(reference->luma, everywhere, current);
    if (along_flow >= kLowStructure) return along_flow;
    const cv::Point shift = shift_of_middle(reference->luma, current.luma);
    const cv::Matx23d translation(1, 0, shift.x, 0, 1, shift.y);
    cv::Mat shifted, known;
    cv::warpAffine(reference->luma, shifted, translation, current.luma.size(), cv::INTER_LINEAR,
                   cv::BORDER_REPLICATE);
    cv::warpAffine(everywhere, known, translation, current.luma.size(), cv::INTER_NEAREST,
                   cv::BORDER_CONSTANT);
    return std::max(along_flow, structure_along_flow(shifted, known, current));
  }

  double structure_along_flow(const cv::Mat& before, const cv::Mat& known, const Thumbnail& current) const {
    cv::Mat field, positions(before.size(), CV_32FC2), moved;
    motion->calc(current.luma, before, field);
    for (int y = 0; y < field.rows; ++y)
      for (int x = 0; x < field.cols; ++x)
        positions.at<cv::Point2f>(y, x) =
            cv::Point2f(static_cast<float>(x), static_cast<float>(y)) + field.at<cv::Point2f>(y, x);
    cv::remap(before, moved, positions, cv::noArray(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    moved.convertTo(moved, CV_32F, 1.0 / 255);
    return patch_correlation(moved, current.unit_luma, known);
  }

  bool structure_breaks(double now) const {
    return now < kLowStructure && (structures.empty() || now < median(structures) - kStructureDrop);
  }
  bool colours_break(double now) const {
    return now > kColourJump && (colours.empty() || now > kColourOverUsual * median(colours));
  }

  // Whether the shot goes on in a later frame, so that the frames between are passed over. This is stricter
  // than for an ordinary frame, which may lose either its structure or its colours.
  bool goes_on_in(const Thumbnail& later) const {
    if (later.contrast < kFeatureless) return false;
    const double structure_now = structure(later);
    if (structure_now >= kSameAgain) return true;
    return !structure_breaks(structure_now) && !colours_break(histogram_distance(*reference, later));
  }

  void tell(bool is_cut) {
    told.push_back(is_cut);
    waiting.pop_front();
    looked_at = 0;
  }

  // The first waiting frame becomes the reference: it continues the shot, or begins one.
  void take_first(bool is_cut) {
    reference = std::move(waiting.front());
    tell(is_cut);
  }

  // Whether the first of the waiting frames breaks with the reference. If it does not, its changes are
  // remembered as usual.
  bool first_breaks() {
    const double structure_now = structure(waiting.front());
    const double colour_now = histogram_distance(*reference, waiting.front());
    if (structure_breaks(structure_now) && colours_break(colour_now)) return true;
    remember(structures, structure_now);
    remember(colours, colour_now);
    return false;
  }

  // Decides on the first of the waiting frames, and on frames that share its verdict. False if more frames
  // are needed.
  bool decide(bool is_end) {
    const Thumbnail& first = waiting.front();
    if (first.contrast < kFeatureless) {
      if (!reference) featureless_level = first.level;
      tell(false);
      return true;
    }
    if (!reference) {
      take_first(featureless_level && std::abs(first.level - *featureless_level) > kLightsOn);
      return true;
    }
    if (looked_at == 0 && !first_breaks()) {
      take_first(false);
      return true;
    }
    return decide_on_break(is_end);
  }

  bool decide_on_break(bool is_end) {
    looked_at = std::max<std::size_t>(looked_at, 1);
    for (; looked_at < waiting.size() && looked_at <= CutDetector::kMostInserted; ++looked_at)
      if (goes_on_in(waiting[looked_at])) {
        for (std::size_t inserted = looked_at; inserted > 0; --inserted) tell(false);
        return true;
      }
    if (looked_at <= CutDetector::kMostInserted && !is_end) return false;
    structures.clear();
    colours.clear();
    take_first(true);
    return true;
  }
};

CutDetector::CutDetector() : impl_(std::make_unique<Impl>()) {
  keep_opencv_on_one_thread();
}
CutDetector::~CutDetector() = default;
CutDetector::CutDetector(CutDetector&&) noexcept = default;
CutDetector& CutDetector::operator=(CutDetector&&) noexcept = default;

void CutDetector::add(const at::Tensor& frame) {
  image::expect_chw(frame, 3, "cut detection: the frame");
  impl_->waiting.push_back(thumbnail_of(frame));
  while (!impl_->waiting.empty() && impl_->decide(false)) {
  }
}

void CutDetector::finish() {
  while (!impl_->waiting.empty()) impl_->decide(true);
}

std::optional<bool> CutDetector::next() {
  if (impl_->told.empty()) return {};
  const bool is_cut = impl_->told.front();
  impl_->told.pop_front();
  return is_cut;
}

}  // namespace dreamreel::flow
