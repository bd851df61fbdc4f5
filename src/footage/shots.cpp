#include "dreamreel/footage/shots.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>

#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/flow/cut_detector.h"
#include "dreamreel/footage/asked_cuts.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/schedule/backward.h"
#include "scan.h"

namespace dreamreel::footage {
namespace {

using Clock = std::chrono::steady_clock;

// Reports now and then how far the first pass has come.
class Chatter {
 public:
  explicit Chatter(report::ProgressSink* progress) : progress_(progress) {}
  void at(std::int64_t frame) {
    const auto now = Clock::now();
    if (progress_ == nullptr || now - said_ < kSayEvery) return;
    progress_->activity(fmt::format("looking for cuts, frame {}", frame));
    said_ = now;
  }

 private:
  static constexpr auto kSayEvery = std::chrono::seconds(2);

  report::ProgressSink* progress_;
  Clock::time_point said_ = Clock::now();
};

// Reads on a thread of its own, ahead of the search for cuts. It reads some frames beyond the range, because
// the verdict on the last frames may need them. So cuts do not depend on where a range ends.
class ReadAhead {
 public:
  // Reads every frame, or only the first frame of the range. Other frames are then passed over, and come
  // without a picture.
  // `behind`: frames behind the range that are wanted as well.
  ReadAhead(FrameSource& source, const schedule::FrameRange& range, bool every_frame, std::int64_t behind)
      : source_(source),
        range_(range),
        every_frame_(every_frame),
        behind_(behind + (every_frame ? flow::CutDetector::kMostInserted : 0)),
        thread_([this] { run(); }) {}
  ~ReadAhead() { queue_.cancel(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::optional<media::VideoFrame> next() { return queue_.pop(); }
  /// The damage up to the end of the range; valid once next() has reached its end.
  const std::string& damage() const { return damage_; }
  /// Whether no frame follows the last one.
  bool is_whole() const { return is_whole_; }

 private:
  void run() {
    image::keep_this_thread_single();
    try {
      bool goes_on = true;
      for (std::int64_t index = -source_.loop().run_in; goes_on && index != range_.end; ++index)
        goes_on = pass_on(index);
      damage_ = source_.report().message;
      for (std::int64_t more = 0; goes_on && more < behind_; ++more) goes_on = pass_on(*range_.end + more);
      is_whole_ = !goes_on;
      queue_.close();
    } catch (...) {
      queue_.fail(std::current_exception());
    }
  }

  bool pass_on(std::int64_t index) {
    auto frame = read(index);
    return frame && queue_.push(std::move(*frame));
  }

  std::optional<media::VideoFrame> read(std::int64_t index) {
    if (every_frame_ || index == range_.begin) return source_.next();
    if (source_.skip()) return media::VideoFrame{};
    return {};
  }

  static constexpr std::size_t kAhead = 8;

  FrameSource& source_;
  const schedule::FrameRange range_;
  const bool every_frame_;
  const std::int64_t behind_;
  std::string damage_;
  bool is_whole_ = false;
  BoundedQueue<media::VideoFrame> queue_{kAhead};
  std::jthread thread_;  // last, so that it joins before the queue is destroyed
};

// "--frames 900..1000", "--frames 900..": times have become frames by now.
std::string in_words(const schedule::FrameRange& range) {
  return fmt::format("--frames {}..{}", range.begin, range.end ? std::to_string(*range.end) : "");
}

// "the job has 50 frames, 5 s at 10 fps": a person who gave a time compares it with the length of the job.
std::string length_of(std::int64_t frames, const media::VideoInfo& info) {
  std::string text = "the job has " + counted(frames, "frame");
  const double seconds = static_cast<double>(frames) / info.frame_rate.value();
  if (frames < 2 || !(seconds > 0) || !std::isfinite(seconds)) return text;
  std::array<char, 40> length{};
  std::snprintf(length.data(), length.size(), ", %.4g s at %.6g fps", seconds, info.frame_rate.value());
  return text + length.data();
}

[[noreturn]] void throw_no_frame(const schedule::FrameRange& range, std::int64_t frames,
                                 const media::VideoInfo& info) {
  throw UsageError(fmt::format("{} selects no frame: {}", in_words(range), length_of(frames, info)));
}

// A range beyond the end of the source is a mistake. Without this error, a person would look for the missing
// frames in the result.
void expect_within(const schedule::FrameRange& range, std::int64_t frames, const media::VideoInfo& info) {
  if (!range.end || *range.end <= frames || range.begin >= frames) return;
  throw UsageError(fmt::format("{} goes beyond the end: {}; give {}.. for all up to the end", in_words(range),
                               length_of(frames, info), range.begin));
}

// Noise, and a still that becomes a video: one shot, unless the job asks for cuts.
schedule::FirstPass pass_of_made_frames(const FrameSource& source, const schedule::FrameRange& range,
                                        std::int64_t frames, AskedCuts& asked) {
  schedule::FirstPass pass;
  pass.loop = source.loop();
  if (range.begin >= std::min(frames, range.end.value_or(frames)))
    throw_no_frame(range, frames, source.info());
  expect_within(range, frames, source.info());
  const double frame_seconds = source.info().time_base.value();
  schedule::ShotList list({range.begin, range.end.value_or(frames)}, pass);
  for (std::int64_t frame = -pass.loop.run_in; frame < range.end.value_or(frames); ++frame)
    list.add(asked.begins(frame, static_cast<double>(frame) * frame_seconds), asked.fade());
  pass.first_pts = range.begin;
  pass.first_seconds = static_cast<double>(range.begin) * frame_seconds;
  pass.damage = source.report().message;
  pass.clock = clock_of(source.info());
  return pass;
}

// One reading of a source, up to the end of the range.
class Look {
 public:
  // `find_cuts`: reads every frame. `takes_found`: the cuts of the pictures count.
  // `behind`: frames behind the range in which the end of the last shot is looked for.
  Look(FrameSource& source, const schedule::FrameRange& range, bool find_cuts, bool takes_found,
       std::int64_t behind, AskedCuts& asked)
      : source_(source),
        range_(range),
        find_cuts_(find_cuts),
        takes_found_(takes_found),
        behind_(behind),
        asked_(asked) {
    pass_.loop = source.loop();
    list_.emplace(range, pass_);
    index_ = -pass_.loop.run_in;
  }

  // `at_frame` is called before each frame, and may throw.
  void read(const std::function<void(std::int64_t)>& at_frame) {
    ReadAhead frames(source_, range_, find_cuts_, behind_);
    for (; const auto frame = frames.next(); ++index_) {
      at_frame(index_);
      take(*frame);
    }
    pass_.damage = frames.damage();
    is_whole_ = frames.is_whole();
  }

  schedule::FirstPass finish() {
    cuts_.finish();
    add_what_is_known();
    pass_.clock = clock_of(source_.info());
    pass_.has_times = find_cuts_;
    if (find_cuts_) schedule::set_times(pass_, scan_.seconds);
    if (pass_.shots.empty()) throw_no_frame(range_, index_, source_.info());
    const bool is_undamaged = pass_.damage.empty() && source_.report().message.empty();
    if (is_undamaged) expect_within(range_, index_, source_.info());
    if (find_cuts_ && is_whole_ && is_undamaged) keep_scan(source_.key(), scan_);
    return std::move(pass_);
  }

 private:
  void take(const media::VideoFrame& frame) {
    if (index_ == range_.begin) {
      pass_.first_pts = frame.pts;
      pass_.first_seconds = frame.seconds;
    }
    if (!find_cuts_ || !frame.rgb.defined()) return list_->add(false);
    scan_.pts.push_back(frame.pts);
    scan_.seconds.push_back(frame.seconds);
    cuts_.add(frame.rgb);
    add_what_is_known();
  }

  void add_what_is_known() {
    for (; const auto is_cut = cuts_.next(); ++judged_) {
      if (*is_cut) scan_.cuts.push_back(judged_);
      const bool is_asked =
          asked_.begins(judged_ - pass_.loop.run_in, scan_.seconds[static_cast<std::size_t>(judged_)]);
      list_->add((*is_cut && takes_found_) || is_asked, asked_.fade());
    }
  }

  FrameSource& source_;
  const schedule::FrameRange range_;
  const bool find_cuts_, takes_found_;
  const std::int64_t behind_;
  AskedCuts& asked_;
  flow::CutDetector cuts_;
  schedule::FirstPass pass_;
  std::optional<schedule::ShotList> list_;  // refers to pass_
  Scan scan_;
  bool is_whole_ = false;
  std::int64_t index_ = 0;   // number of the next frame
  std::int64_t judged_ = 0;  // number of scan entries whose cuts are known
};

}  // namespace

schedule::FirstPass find_shots(FrameSource& source, const job::Job& job, const schedule::FrameRange& range,
                               const std::atomic<bool>* stop, report::ProgressSink* progress,
                               const std::atomic<bool>* unwanted) {
  AskedCuts asked(job, source.info(), stop);
  asked.expect_no_fade_in(source.loop());
  const auto go_on = [&] {
    throw_if_stopped(stop, "interrupted while looking for cuts");
    throw_if_stopped(unwanted, "interrupted while looking for cuts");
  };
  const std::int64_t behind = schedule::dreams_backward(job) ? schedule::kMostLookedAtBehind : 0;
  // Frames further behind the range do not count, because only some of these ways know them.
  const auto bounded = [&](schedule::FirstPass pass) {
    if (range.end) pass.shot_end = std::min(pass.shot_end, *range.end + behind);
    return pass;
  };
  if (const auto frames = source.frames_of_one_shot()) {
    go_on();
    return bounded(pass_of_made_frames(source, range, *frames, asked));
  }
  // Cuts that the job asks for need the time of every frame, so the frames are read as if cuts were looked
  // for.
  const bool find_cuts = job.temporal.cuts.found || !asked.is_empty();
  if (const auto scan = kept_scan(source.key())) {
    auto pass = pass_of(*scan, range, source.loop(), job.temporal.cuts.found, asked);
    pass.clock = clock_of(source.info());
    schedule::set_times(pass, scan->seconds);
    const std::int64_t frames = std::ssize(scan->pts) - pass.loop.run_in;
    if (pass.shots.empty()) throw_no_frame(range, frames, source.info());
    expect_within(range, frames, source.info());
    return bounded(std::move(pass));
  }
  Chatter chatter(progress);
  Look look(source, range, find_cuts, job.temporal.cuts.found, behind, asked);
  look.read([&](std::int64_t index) {
    go_on();
    chatter.at(index);
  });
  return bounded(look.finish());
}

}  // namespace dreamreel::footage
