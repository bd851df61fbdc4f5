#include "sound_features.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "dreamreel/core/error.h"

namespace dreamreel::media {
namespace {

constexpr double kHopsPerSecond = 150;  // at least, so that a hop is at most a third of the shortest window
// Samples kept before the start: the windows of the first frame see them, and the meters' filters settle.
constexpr std::int64_t kLead = kSoundRate / 2;
// A sound that begins exactly with a frame lies between two hops. Hops are measured this much earlier, so
// that the sound belongs to the frame.
constexpr std::int64_t kTieSamples = 8;
// A band's rises are divided by its mean rise, but by at least this share of the liveliest band's mean. So an
// empty band adds no noise.
constexpr double kLeastBandShare = 0.05;

// Each frame is cut into a whole number of hops, and each hop is measured around its own middle. So an event
// inside a frame is closest to a hop of that frame, and peaks there and not in a neighbouring frame.
class Measuring {
 public:
  Measuring(const SoundRange& range, const SoundDecoder& decoder)
      : range_(range),
        decoder_(decoder),
        hops_(static_cast<int>(std::ceil(kHopsPerSecond / range.frame_rate.value()))),
        hop_(kSoundRate / (range.frame_rate.value() * hops_)) {}

  bool take(const SoundBlock& block) {
    if (!sound_) open();
    sound_->add(block);
    sound_end_ = std::max(sound_end_, block.position + block.count);
    measure_until(sound_->end());
    return !complete();
  }

  SoundFeatures finish() {
    if (!sound_) open();
    const double frames = std::ceil(static_cast<double>(sound_end_) / (hop_ * hops_) - 1e-6);
    const auto heard = static_cast<std::int64_t>(std::max(0.0, frames));
    frame_count_ = std::min(heard, range_.frame_count.value_or(heard));
    sound_->add_silence(2 * kLead + static_cast<std::int64_t>(2 * hop_ * hops_));
    measure_until(sound_->end());
    trim();
    features_.hops_per_frame = hops_;
    return std::move(features_);
  }

 private:
  void open() {
    // Samples begin before the start, because meters without a past would not have settled.
    sound_.emplace(decoder_.channels().size(), -kLead);
    loudness_.emplace(decoder_.channels(), -kLead);
    onset_hop_ = -2;  // two hops early: a rise needs a predecessor, and hop -1 lies across the start
    if (range_.frame_count) frame_count_ = *range_.frame_count;
  }

  bool complete() const {
    return frame_count_ && static_cast<std::int64_t>(features_.loudness_lufs.size()) >= *frame_count_ &&
           onset_hop_ >= *frame_count_ * hops_ && band_hop_ >= *frame_count_ * hops_;
  }

  std::int64_t sample_at(double hops) const { return std::llround(hops * hop_); }
  std::int64_t band_centre(std::int64_t hop) const {
    return sample_at(static_cast<double>(hop) + 0.5) - kTieSamples;
  }
  // See OnsetMeter::at().
  std::int64_t onset_centre(std::int64_t hop) const {
    return sample_at(static_cast<double>(hop) + 1) - OnsetMeter::kWindow / 4 - kTieSamples;
  }
  std::int64_t frame_begin(std::int64_t frame) const { return sample_at(static_cast<double>(frame * hops_)); }

  void measure_until(std::int64_t end) {
    while (!bands_complete() && band_centre(band_hop_) + BandMeter::kWindow / 2 <= end) measure_bands();
    while (!onsets_complete() && onset_centre(onset_hop_) + OnsetMeter::kWindow / 2 <= end) measure_onset();
    for (;;) {
      const auto frame = static_cast<std::int64_t>(features_.loudness_lufs.size());
      const std::int64_t middle = (frame_begin(frame) + frame_begin(frame + 1)) / 2;
      if (frame_count_ && frame >= *frame_count_) break;
      if (std::max(middle + LoudnessMeter::kHalfWindow, frame_begin(frame + 1)) > end) break;
      measure_frame(frame, middle);
    }
    forget();
  }

  bool bands_complete() const { return frame_count_ && band_hop_ >= *frame_count_ * hops_; }
  bool onsets_complete() const { return frame_count_ && onset_hop_ >= *frame_count_ * hops_; }

  void measure_bands() {
    const BandLevels levels = band_meter_.at(*sound_, band_centre(band_hop_));
    if (band_hop_ % hops_ == 0) features_.bands.emplace_back();
    BandLevels& frame = features_.bands.back();
    const auto add = [&](double& mean, double level) { mean = std::hypot(mean, level / std::sqrt(hops_)); };
    add(frame.bass, levels.bass);
    add(frame.mid, levels.mid);
    add(frame.treble, levels.treble);
    ++band_hop_;
  }

  void measure_onset() {
    const auto rise = onset_meter_.at(*sound_, onset_centre(onset_hop_));
    if (onset_hop_ >= 0) rises_.push_back(rise);
    // A sound that begins with the first frame may rise in the hop before it.
    if (onset_hop_ == -1) before_start_ = rise;
    if (onset_hop_ == 0)
      for (std::size_t b = 0; b < rise.size(); ++b) rises_[0][b] = std::max(rise[b], before_start_[b]);
    ++onset_hop_;
  }

  float peak_of(std::int64_t begin, std::int64_t end) const {
    float peak = 0;
    for (std::size_t c = 0; c < sound_->channel_count(); ++c) {
      const float* samples = sound_->at(c, begin);
      for (std::int64_t i = 0; i < end - begin; ++i) peak = std::max(peak, std::abs(samples[i]));
    }
    return peak;
  }

  void measure_frame(std::int64_t frame, std::int64_t middle) {
    constexpr auto kFine = static_cast<std::int64_t>(kFinePeakSeconds * kSoundRate);
    const std::int64_t begin = frame_begin(frame), end = frame_begin(frame + 1);
    auto& fine = features_.fine_peaks;
    fine.resize(std::max(fine.size(), static_cast<std::size_t>((end + kFine - 1) / kFine)), 0.0F);
    float peak = 0;
    for (std::int64_t stretch = begin; stretch < end;) {
      const std::int64_t next = std::min(end, (stretch / kFine + 1) * kFine);
      const float here = peak_of(stretch, next);
      float& kept = fine[static_cast<std::size_t>(stretch / kFine)];
      kept = std::max(kept, here);
      peak = std::max(peak, here);
      stretch = next;
    }
    features_.peaks.push_back(peak);
    features_.loudness_lufs.push_back(loudness_->at(*sound_, middle));
  }

  void forget() {
    const auto frame = static_cast<std::int64_t>(features_.loudness_lufs.size());
    sound_->forget(std::min({band_centre(band_hop_) - BandMeter::kWindow / 2,
                             onset_centre(onset_hop_) - OnsetMeter::kWindow / 2, frame_begin(frame),
                             loudness_->fed_until()}));
  }

  // Drops the measurements behind the last frame. Then adds up the rises of the bands, each relative to its
  // own mean.
  void trim() {
    const auto frames = static_cast<std::size_t>(*frame_count_);
    features_.loudness_lufs.resize(frames);
    features_.peaks.resize(frames);
    features_.bands.resize(frames);
    rises_.resize(frames * static_cast<std::size_t>(hops_));
    // A window that contains the end of the sound measures a click, although nothing begins there.
    for (std::size_t i = rises_.size(); i-- > 0;) {
      if (onset_centre(static_cast<std::int64_t>(i)) + OnsetMeter::kWindow / 2 <= sound_end_) break;
      rises_[i] = {};
    }
    OnsetMeter::Rise mean{};
    for (const auto& rise : rises_)
      for (std::size_t b = 0; b < rise.size(); ++b) mean[b] += rise[b] / static_cast<float>(rises_.size());
    const float least = static_cast<float>(kLeastBandShare) * *std::ranges::max_element(mean);
    for (const auto& rise : rises_) {
      float onset = 0;
      for (std::size_t b = 0; b < mean.size() && least > 0; ++b) onset += rise[b] / std::max(mean[b], least);
      features_.onsets.push_back(onset);
    }
  }

  const SoundRange& range_;
  const SoundDecoder& decoder_;
  const int hops_;    // hops per frame
  const double hop_;  // in samples
  std::optional<SoundWindow> sound_;
  BandMeter band_meter_;
  OnsetMeter onset_meter_;
  std::optional<LoudnessMeter> loudness_;
  std::optional<std::int64_t> frame_count_;
  std::int64_t band_hop_ = 0, onset_hop_ = 0;  // the next hops to measure
  std::int64_t sound_end_ = 0;
  SoundFeatures features_;
  std::vector<OnsetMeter::Rise> rises_;
  OnsetMeter::Rise before_start_{};
};

}  // namespace

SoundFeatures measure_sound(const SoundRange& range) {
  SoundDecoder decoder(range.path, range.start_seconds);
  Measuring measuring(range, decoder);
  decoder.decode([&](const SoundBlock& block) { return measuring.take(block); });
  return measuring.finish();
}

}  // namespace dreamreel::media
