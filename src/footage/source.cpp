#include "dreamreel/footage/source.h"

#include <ATen/TensorOperators.h>
#include <fmt/core.h>

#include <cmath>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/flow/cut_detector.h"
#include "dreamreel/footage/camera.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/footage/reader_options.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/job/draft.h"

namespace dreamreel::footage {
namespace {

class DecodedSource : public FrameSource {
 public:
  explicit DecodedSource(media::Reader reader) : reader_(std::move(reader)) {}
  const media::VideoInfo& info() const override { return reader_.info(); }
  std::optional<media::VideoFrame> next() override { return reader_.next(); }
  bool skip() override { return reader_.skip(); }
  std::int64_t skip(std::int64_t count) override { return reader_.skip(count); }
  media::DecodeReport report() const override { return reader_.report(); }
  void stop_at(const std::atomic<bool>* stop) override { reader_.stop_at(stop); }
  schedule::Loop loop() const override { return {}; }
  std::string key() const override { return reader_.key(); }

 private:
  media::Reader reader_;
};

// A clip whose first frames are the run-in. Times and numbers count from the frame after them.
class LoopedSource : public FrameSource {
 public:
  LoopedSource(media::Reader reader, const schedule::Loop& loop)
      : reader_(std::move(reader)), info_(reader_.info()), loop_(loop) {
    info_.frame_count = loop.length;
    info_.frame_count_is_exact = true;
    info_.start_seconds += loop.first_seconds;
    info_.duration_seconds = std::max(0.0, info_.duration_seconds - loop.first_seconds);
  }

  const media::VideoInfo& info() const override { return info_; }
  std::optional<media::VideoFrame> next() override {
    auto frame = reader_.next();
    if (!frame) return frame;
    frame->index -= loop_.run_in;
    frame->pts -= loop_.first_pts;
    frame->seconds -= loop_.first_seconds;
    return frame;
  }
  bool skip() override { return reader_.skip(); }
  std::int64_t skip(std::int64_t count) override { return reader_.skip(count); }
  media::DecodeReport report() const override { return reader_.report(); }
  void stop_at(const std::atomic<bool>* stop) override { reader_.stop_at(stop); }
  schedule::Loop loop() const override { return loop_; }
  std::string key() const override {
    const std::string key = reader_.key();
    return key.empty() ? "" : fmt::format("{}run-in {}\n", key, loop_.run_in);
  }

 private:
  media::Reader reader_;
  media::VideoInfo info_;
  schedule::Loop loop_;
};

// The changes of the clip's frames up to number `last`. Whole frames are compared. A draft compares frames of
// the job that it is made of, so that motion and length stay the same. Sums are in whole numbers, because
// sums of floats depend on the number of threads.
std::vector<schedule::FrameChange> first_changes(const job::Job& job, media::ReaderOptions options,
                                                 std::int64_t last) {
  options.filter = job::filter_before_draft(options.filter);
  options.longest_side = 0;
  const bool find_cuts = job.temporal.cuts.found;
  flow::CutDetector cuts;
  media::Reader reader(options);
  std::vector<schedule::FrameChange> changes;
  at::Tensor previous;
  for (std::int64_t n = 0; n <= last + flow::CutDetector::kMostInserted; ++n) {
    const auto frame = reader.next();
    if (!frame && n > last) break;
    if (!frame)
      throw InputError(fmt::format(
          "{}: only {} frames can be decoded now, but there were more a moment ago; is it being written to?",
          job.input.path.string(), changes.size()));
    if (find_cuts) cuts.add(frame->rgb);
    if (n > last) continue;  // later frames only tell whether the last ones are cuts
    const at::Tensor levels = (frame->rgb * 255).round().to(at::kShort);
    schedule::FrameChange change;
    if (previous.defined()) change.levels = (levels - previous).abs().sum(at::kLong).item<std::int64_t>();
    changes.push_back(change);
    previous = levels;
  }
  cuts.finish();
  for (auto& change : changes) change.is_cut = cuts.next().value_or(false);
  return changes;
}

// Finds the loop of a clip. Frames are counted by decoding them, because a container may not know their
// number, or may have lost some.
schedule::Loop find_loop(const job::Job& job, const media::ReaderOptions& options) {
  std::int64_t frames = 0;
  media::Reader counting(options);
  while (counting.skip()) ++frames;
  const auto lengths = schedule::run_in_lengths(job, frames, counting.info().frame_rate.value());
  const bool is_open = lengths.least < lengths.most;
  schedule::Loop loop = schedule::loop_of_clip(
      frames, is_open ? schedule::smoothest_run_in(lengths, first_changes(job, options, lengths.most))
                      : lengths.usual);
  media::Reader timing(options);
  for (std::int64_t i = 0; i < loop.run_in; ++i) timing.skip();
  if (const auto first = timing.next()) {
    loop.first_pts = first->pts;
    loop.first_seconds = first->seconds;
  }
  return loop;
}

class FeedbackSource : public FrameSource {
 public:
  // `picture` is called only for frame `first_frame`, because a caller that only asks for the length needs no
  // picture. `alpha`, which may be undefined, is the alpha of every frame.
  FeedbackSource(std::function<at::Tensor()> picture, media::VideoInfo info, std::int64_t first_frame,
                 media::DecodeReport report, const schedule::Loop& loop, at::Tensor alpha = {})
      : picture_(std::move(picture)),
        alpha_(std::move(alpha)),
        info_(std::move(info)),
        first_frame_(first_frame),
        report_(std::move(report)),
        loop_(loop),
        next_index_(-loop.run_in) {}

  const media::VideoInfo& info() const override { return info_; }

  std::optional<media::VideoFrame> next() override {
    if (next_index_ >= *info_.frame_count) return std::nullopt;
    media::VideoFrame frame;
    frame.index = next_index_++;
    frame.pts = frame.index;
    frame.duration = 1;
    frame.seconds = static_cast<double>(frame.index) * info_.time_base.value();
    if (frame.index == first_frame_) frame.rgb = picture_();
    frame.alpha = alpha_;
    return frame;
  }

  bool skip() override { return next().has_value(); }
  using FrameSource::skip;
  media::DecodeReport report() const override { return report_; }
  schedule::Loop loop() const override { return loop_; }
  std::optional<std::int64_t> frames_of_one_shot() const override { return info_.frame_count; }

 private:
  std::function<at::Tensor()> picture_;
  at::Tensor alpha_;
  media::VideoInfo info_;
  std::int64_t first_frame_;
  media::DecodeReport report_;  // of the first picture
  schedule::Loop loop_;
  std::int64_t next_index_;
};

void set_time_line(media::VideoInfo& info, Rational fps, const TimePoint& duration) {
  info.frame_rate = fps;
  info.time_base = {fps.den, fps.num};
  info.frame_count = std::max<std::int64_t>(1, std::llround(duration.seconds(fps.value()) * fps.value()));
  info.frame_count_is_exact = true;
  info.duration_seconds = static_cast<double>(*info.frame_count) / fps.value();
  info.is_still = false;
}

std::unique_ptr<FrameSource> noise_source(const job::Job& job, std::int64_t first_frame) {
  const job::NoiseInput& noise = *job.input.noise;
  media::VideoInfo info;
  info.width = noise.width;
  info.height = noise.height;
  info.pixel_format = "rgb24";
  set_time_line(info, noise.fps, noise.duration);
  const RandomKey key{job.seed, first_frame, 0, 0};
  const auto picture = [job, key, size = image::Size{noise.height, noise.width}] {
    return start_noise(job, size, key);
  };
  return std::make_unique<FeedbackSource>(
      picture, info, first_frame, media::DecodeReport{},
      schedule::loop_of_feedback(job, *info.frame_count, noise.fps.value()));
}

void expect_still(const job::Job& job, const media::VideoInfo& info) {
  if (info.is_still) return;
  const std::string frames = info.frame_count ? fmt::format(" of {} frames", *info.frame_count) : "";
  throw JobError(
      fmt::format("input.duration: makes a video of one picture, but {} is a video{}; leave input.duration "
                  "out, or cut the video with input.trim",
                  job.input.path.string(), frames));
}

std::unique_ptr<FrameSource> still_source(const job::Job& job, media::Reader reader,
                                          std::int64_t first_frame) {
  media::VideoInfo info = reader.info();
  const auto frame = reader.next();
  if (!frame) throw InputError(job.input.path.string() + ": no picture could be decoded");
  set_time_line(info, job.input.fps.value_or(Rational{24, 1}), *job.input.duration);
  reader.next();                                  // the report is complete only at the end
  if (!info.shows_alpha) info.has_alpha = false;  // all of its frames are opaque
  // A moving camera shows canvas from beyond the still's borders, for which there is no alpha.
  if (info.keeps_alpha() && !camera_rests(job.camera)) {
    if (info.shows_alpha)
      log_warning_once(job.input.path.string() +
                       ": its alpha is lost, because the camera moves the canvas of a still; the frames are "
                       "opaque");
    info.has_alpha = info.shows_alpha = false;
  }
  return std::make_unique<FeedbackSource>(
      [rgb = frame->rgb] { return rgb; }, info, first_frame, reader.report(),
      schedule::loop_of_feedback(job, *info.frame_count, info.frame_rate.value()),
      info.has_alpha ? frame->alpha : at::Tensor());
}

}  // namespace

std::int64_t FrameSource::skip(std::int64_t count) {
  std::int64_t passed = 0;
  while (passed < count && skip()) ++passed;
  return passed;
}

std::unique_ptr<FrameSource> open_source(const job::Job& job, std::int64_t first_frame,
                                         const std::optional<schedule::Loop>& loop, int longest_side) {
  if (job.input.noise) return noise_source(job, first_frame);
  auto options = reader_options(job.input);
  options.alpha = true;  // for the output, and for masks
  options.longest_side = longest_side;
  options.index = true;
  media::Reader reader(options);
  if (job.input.duration) {
    expect_still(job, reader.info());
    return still_source(job, std::move(reader), first_frame);
  }
  if (!job.output.loop) return std::make_unique<DecodedSource>(std::move(reader));
  return std::make_unique<LoopedSource>(std::move(reader), loop ? *loop : find_loop(job, options));
}

std::unique_ptr<FrameSource> open_source_in_background(const job::Job& job, std::int64_t first_frame,
                                                       const std::atomic<bool>* stop,
                                                       const std::optional<schedule::Loop>& loop,
                                                       int longest_side, const std::atomic<bool>* unwanted) {
  auto source = in_background(
      [job, first_frame, loop, longest_side] { return open_source(job, first_frame, loop, longest_side); },
      stop, "interrupted while opening the source", unwanted);
  source->stop_at(stop);  // set only now, because an abandoned thread may outlive the flag
  return source;
}

}  // namespace dreamreel::footage
