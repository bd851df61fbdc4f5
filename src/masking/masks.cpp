#include "dreamreel/masking/masks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/maximum.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/footage/reader_options.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/schedule/backward.h"
#include "matte.h"
#include "motion_mask.h"

namespace dreamreel::masking {
namespace {

using From = job::Mask::From;

constexpr double kEdgeWidthInSigmas = 3.29;  // from 5 % to 95 % of a normal distribution: 2 * 1.645
// ITU-R BT.709: Cb = (B - Y) / 1.8556, Cr = (R - Y) / 1.5748.
constexpr double kCbDivisor = 1.8556, kCrDivisor = 1.5748;

at::Tensor chroma(const at::Tensor& picture, std::int64_t channel, double divisor) {
  return (picture.narrow(0, channel, 1) - image::luma(picture)) / divisor;
}

double luma_of(const std::array<double, 3>& colour) {
  return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2];
}

// 1 where `outside`, the distance from the wanted values, is 0 or less; falls to 0 at `softness`.
at::Tensor fall_off(const at::Tensor& outside, double softness) {
  if (softness <= 0) return outside.le(0).to(at::kFloat);
  return (1 - outside / softness).clamp(0, 1);
}

// 1 where `levels` lie in the mask's range.
at::Tensor range_key(const job::Mask& mask, const at::Tensor& levels, const curve::CurveTime& time) {
  return fall_off(at::maximum(mask.low.at(time) - levels, levels - mask.high.at(time)),
                  mask.softness.at(time));
}

at::Tensor chroma_key(const job::Mask& mask, const at::Tensor& picture, const curve::CurveTime& time) {
  const double y = luma_of(mask.colour);
  const at::Tensor cb = chroma(picture, 2, kCbDivisor) - (mask.colour[2] - y) / kCbDivisor;
  const at::Tensor cr = chroma(picture, 0, kCrDivisor) - (mask.colour[0] - y) / kCrDivisor;
  return fall_off((cb.square() + cr.square()).sqrt() - mask.tolerance.at(time), mask.softness.at(time));
}

media::ReaderOptions file_options(const job::Mask& mask, const job::Input& input,
                                  const media::VideoInfo& info) {
  media::ReaderOptions options;
  options.path = mask.path;
  options.alpha = mask.channel == job::Mask::Channel::alpha;
  options.frame_rate = info.frame_rate;
  options.trim_start = mask.start ? mask.start : input.trim_start;
  return options;
}

media::ReaderOptions still_options(const job::Input& input) {
  media::ReaderOptions options = footage::reader_options(input);
  options.alpha = true;
  return options;
}

struct NamedMask {
  std::string key;
  const job::Mask* mask;
};

std::vector<NamedMask> masks_of(const job::Job& job) {
  std::vector<NamedMask> masks;
  if (job.dream.mask) masks.push_back({"dream.mask", &*job.dream.mask});
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i)
    if (const auto& mask = job.dream.objectives[i].mask)
      masks.push_back({fmt::format("dream.objectives.{}.mask", i), &*mask});
  return masks;
}

// Whether a mask's pictures go with the source's one by one. A video of another rate goes by time.
bool goes_by_number(const std::filesystem::path& path, const media::VideoInfo& mask,
                    const media::VideoInfo& source) {
  constexpr double kMostDifference = 1e-3;  // 23.976 is 24 in some containers
  if (mask.is_still || media::is_number_pattern(path)) return true;
  return std::abs(mask.frame_rate.value() / source.frame_rate.value() - 1) <= kMostDifference;
}

}  // namespace

// The pictures of a mask file by number or by time. After the end of the file, the last picture stays.
class Masks::File {
 public:
  File(const job::Mask& mask, const job::Input& input, const media::VideoInfo& info)
      : options_(file_options(mask, input, info)),
        by_alpha_(options_.alpha),
        tolerance_seconds_(kShareOfAFrame / info.frame_rate.value()) {
    open();
    if (!goes_by_number(options_.path, reader_->info(), info)) {
      is_by_time_ = true;
      look_ahead();
      remarks_.push_back(fmt::format(
          "{}: the mask's frames have another rate ({}) than the source's ({}), so they go with the source "
          "by time",
          options_.path.string(), words_for(reader_->info()), words_for(info)));
    }
    if (is_shorter_than(info))
      remarks_.push_back(
          fmt::format("{}: the mask is shorter than the video; its last frame holds from frame {} on",
                      options_.path.string(), frames_in(info)));
    if (by_alpha_ && !reader_->info().has_alpha)
      throw JobError(
          fmt::format("{}: a mask of channel: alpha needs a file with alpha, but this one's pixel format is "
                      "{}; use channel: luma",
                      options_.path.string(), reader_->info().pixel_format));
  }

  // (1,H,W), in the file's own size.
  at::Tensor at(const media::VideoFrame& frame) { return is_by_time_ ? at(frame.seconds) : at(frame.index); }

  // What a person should know.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  static constexpr double kShareOfAFrame = 0.1;  // more than a container's clock is rounded by

  static std::string words_for(const media::VideoInfo& info) {
    char text[40];
    std::snprintf(text, sizeof text, "%s%.5g a second", info.variable_rate ? "varying, about " : "",
                  info.frame_rate.value());
    return text;
  }

  // The number of the source's frames that the mask has pictures for, as the headers tell; 0 if they do not.
  std::int64_t frames_in(const media::VideoInfo& source) const {
    const auto& mask = reader_->info();
    if (!is_by_time_) return mask.frame_count.value_or(0);
    return std::llround(std::max(0.0, mask.duration_seconds) * source.frame_rate.value());
  }

  // Headers may be wrong by a frame.
  bool is_shorter_than(const media::VideoInfo& source) const {
    const auto frames = frames_in(source);
    return !reader_->info().is_still && frames > 0 && source.frame_count && frames + 1 < *source.frame_count;
  }

  at::Tensor at(std::int64_t number) {
    if (number < number_) open();
    while (number_ < number && !ended_) advance();
    return current_;
  }

  at::Tensor at(double seconds) {
    seconds += tolerance_seconds_;
    if (seconds < seconds_ && number_ > 0) {
      open();
      look_ahead();
    }
    while (next_ && next_->seconds <= seconds) {
      take(*next_);
      ++number_;
      look_ahead();
    }
    const double frame = 1 / reader_->info().frame_rate.value();
    if (!next_ && seconds > seconds_ + frame + 2 * tolerance_seconds_) say_that_it_ended();
    return current_;
  }

  void look_ahead() { next_ = reader_->next(); }

  void open() {
    // A still picture has no time to begin at. So the file is opened first without a trim, to find its kind.
    auto whole = options_;
    whole.trim_start.reset();
    reader_.emplace(whole);
    if (options_.trim_start && !reader_->info().is_still) reader_.emplace(options_);
    ended_ = false;
    const auto frame = reader_->next();
    if (!frame) throw InputError(options_.path.string() + ": not a single picture could be decoded");
    take(*frame);
    number_ = 0;
  }

  void advance() {
    const auto frame = reader_->next();
    ended_ = !frame;
    if (frame) {
      take(*frame);
      ++number_;
    } else {
      say_that_it_ended();
    }
  }

  void say_that_it_ended() {
    if (reader_->info().is_still || std::exchange(warned_, true)) return;
    log_warning(fmt::format("the mask {} ends after {} frames; its last one holds from there on",
                            options_.path.string(), number_ + 1));
  }

  void take(const media::VideoFrame& frame) {
    current_ = by_alpha_ ? frame.alpha : image::luma(frame.rgb);
    seconds_ = frame.seconds;
  }

  media::ReaderOptions options_;
  bool by_alpha_;
  std::optional<media::Reader> reader_;
  at::Tensor current_;
  std::int64_t number_ = 0;  // number of current_
  double seconds_ = 0;       // time of current_
  const double tolerance_seconds_;
  std::optional<media::VideoFrame> next_;  // only by time
  std::vector<std::string> remarks_;
  bool is_by_time_ = false;
  bool ended_ = false, warned_ = false;
};

namespace {

// Masks with the same network, class and number of windows share one matte, because they are asked for the
// same frames. So do masks of the motion.
class Mattes {
 public:
  explicit Mattes(const job::Input& input) : input_(input) {}

  std::shared_ptr<Matte> of(const job::Mask& mask, const std::string& key) {
    for (const auto& [known, matte] : made_)
      if (known.network == mask.network && known.class_index == mask.class_index &&
          known.class_name == mask.class_name && known.windows == mask.windows)
        return matte;
    return made_.emplace_back(mask, std::make_shared<Matte>(mask, input_, key)).second;
  }

  std::shared_ptr<MotionMask> of_motion(bool is_relative) {
    auto& made = motions_[is_relative ? 1 : 0];
    if (!made) made = std::make_shared<MotionMask>(input_, is_relative);
    return made;
  }

  std::int64_t bytes(image::Size frame) const {
    const auto motions =
        std::ranges::count_if(motions_, [](const auto& motion) { return motion != nullptr; });
    std::int64_t bytes = motions * MotionMask::bytes(frame);
    for (const auto& [mask, matte] : made_) bytes += matte->bytes(frame);
    return bytes;
  }

 private:
  const job::Input& input_;
  std::vector<std::pair<job::Mask, std::shared_ptr<Matte>>> made_;
  std::array<std::shared_ptr<MotionMask>, 2> motions_;  // of all motion, and of relative motion
};

}  // namespace

// One mask over time.
class Masks::Track {
 public:
  Track(const job::Mask& mask, const job::Input& input, const media::VideoInfo& info, Mattes& mattes,
        const std::string& key)
      : mask_(mask),
        size_{info.height, info.width},
        matte_(mask.network ? mattes.of(mask, key) : nullptr),
        motion_(mask.from == From::motion ? mattes.of_motion(mask.relative) : nullptr) {
    if (motion_) {
      expect_motion(info, input, key);
    } else if (mask.from == From::file) {
      file_.emplace(mask, input, info);
    } else if (is_feedback(input)) {
      read_still(input);
    } else {
      expect_alpha(input, info.has_alpha, info.pixel_format);
    }
  }

  at::Tensor at(const media::VideoFrame& frame, const curve::CurveTime& time) {
    if (file_) return finished(mask_, image::resize(file_->at(frame), size_).clamp(0, 1), time);
    if (motion_) return finished(mask_, motion_->at(frame.index, frame.rgb, mask_, time), time);
    const bool own = frame.rgb.defined() && !still_.rgb.defined();
    const media::VideoFrame& source = own ? frame : still_;
    if (!matte_) return finished(mask_, key(mask_, source.rgb, source.alpha, time), time);
    return finished(mask_,
                    key(mask_, source.rgb, own ? matte_->at(frame.index, frame.rgb) : matte_of_still(), time),
                    time);
  }

  std::vector<std::string> remarks() const { return file_ ? file_->remarks() : std::vector<std::string>{}; }

 private:
  at::Tensor matte_of_still() {
    if (!matte_of_still_.defined()) matte_of_still_ = matte_->of_still(still_.rgb);
    return matte_of_still_;
  }

  // A still that becomes a video has no source picture for its later frames.
  static bool is_feedback(const job::Input& input) { return input.duration.has_value(); }

  static void expect_motion(const media::VideoInfo& info, const job::Input& input, const std::string& key) {
    if (info.is_still || is_feedback(input))
      throw JobError(
          fmt::format("{}.from: expected another mask than motion, because nothing moves in one picture: {}",
                      key, input.path.string()));
  }

  void read_still(const job::Input& input) {
    media::Reader reader(still_options(input));
    const bool is_still = reader.info().is_still;
    expect_alpha(input, reader.info().has_alpha, reader.info().pixel_format);
    if (!is_still) return;
    const auto frame = reader.next();
    if (!frame) throw InputError(input.path.string() + ": no picture could be decoded");
    still_ = *frame;
  }

  void expect_alpha(const job::Input& input, bool has_alpha, const std::string& pixel_format) const {
    if (mask_.from == From::alpha && !has_alpha)
      throw JobError(
          fmt::format("{}: a mask from: alpha needs a source with alpha, but this one's pixel format is {} "
                      "or its filter drops the alpha; use a mask file, or from: luma or chroma",
                      input.path.string(), pixel_format));
  }

  const job::Mask mask_;
  const image::Size size_;
  std::optional<File> file_;
  media::VideoFrame still_;                   // rgb is defined only for a still that becomes a video
  const std::shared_ptr<Matte> matte_;        // set only for masks of networks
  const std::shared_ptr<MotionMask> motion_;  // set only for masks of the motion
  at::Tensor matte_of_still_;
};

at::Tensor key(const job::Mask& mask, const at::Tensor& picture, const at::Tensor& alpha,
               const curve::CurveTime& time) {
  switch (mask.from) {
    case From::luma:
      return range_key(mask, image::luma(picture), time);
    case From::chroma:
      return chroma_key(mask, picture, time);
    case From::motion:
    case From::person:
    case From::class_map:
      return mask.has_range ? range_key(mask, alpha, time) : alpha;
    case From::alpha:
    case From::file:
      break;
  }
  return alpha;
}

at::Tensor finished(const job::Mask& mask, const at::Tensor& keyed, const curve::CurveTime& time) {
  const at::Tensor sided = mask.invert ? 1 - keyed : keyed;
  const double feather = mask.feather.at(time);
  return feather > 0 ? image::gaussian_blur(sided, feather / kEdgeWidthInSigmas).clamp(0, 1) : sided;
}

std::int64_t bytes_of_mattes(const job::Job& job, const media::VideoInfo& info) {
  Mattes mattes(job.input);
  for (const auto& [key, mask] : masks_of(job))
    if (mask->network)
      mattes.of(*mask, key);
    else if (mask->from == From::motion)
      mattes.of_motion(mask->relative);
  // A loop has a second set of mattes for the twins, beside the set for the frames that are pulled. In a
  // cross-fade, both dreams have a set, and so has the backward pass.
  return mattes.bytes({info.height, info.width}) * (job.output.loop ? 2 : 1) *
         (job.temporal.cuts.fade() ? 2 : 1) * (schedule::dreams_backward(job) ? 2 : 1);
}

Masks::Masks(const job::Job& job, const media::VideoInfo& info) {
  Mattes mattes(job.input);
  const auto track = [&](const job::Mask& mask, const std::string& key) {
    return std::make_unique<Track>(mask, job.input, info, mattes, key);
  };
  if (job.dream.mask) dream_ = track(*job.dream.mask, "dream.mask");
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    const auto& mask = job.dream.objectives[i].mask;
    objectives_.push_back(mask ? track(*mask, fmt::format("dream.objectives.{}.mask", i)) : nullptr);
  }
}

Masks::~Masks() = default;
Masks::Masks(Masks&&) noexcept = default;

std::vector<std::string> Masks::remarks() const {
  std::vector<std::string> all;
  const auto add = [&](const std::unique_ptr<Track>& track) {
    if (track) std::ranges::copy(track->remarks(), std::back_inserter(all));
  };
  add(dream_);
  for (const auto& track : objectives_) add(track);
  return all;
}

at::Tensor Masks::of_dream(const media::VideoFrame& frame, const curve::CurveTime& time) {
  return dream_ ? dream_->at(frame, time) : at::Tensor();
}

at::Tensor Masks::of_objective(std::size_t objective, const media::VideoFrame& frame,
                               const curve::CurveTime& time) {
  const auto& track = objectives_.at(objective);
  return track ? track->at(frame, time) : at::Tensor();
}

}  // namespace dreamreel::masking
