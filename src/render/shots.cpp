#include "shots.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "background.h"
#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/digest.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/flow/flow.h"
#include "threads.h"

namespace dreamreel::render {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSayEvery = std::chrono::seconds(2);

// Says now and then how far the first pass has come.
class Chatter {
 public:
  explicit Chatter(ProgressSink* progress) : progress_(progress) {}
  void at(std::int64_t frame) {
    const auto now = Clock::now();
    if (progress_ == nullptr || now - said_ < kSayEvery) return;
    progress_->activity("looking for cuts, frame " + std::to_string(frame));
    said_ = now;
  }

 private:
  ProgressSink* progress_;
  Clock::time_point said_ = Clock::now();
};

// Raised with every change that finds other cuts, so that a first pass kept from before is not taken for a
// present one.
constexpr int kCutRules = 2;

// Reads on a thread of its own, ahead of who looks for cuts. It goes beyond the range by the frames that a
// verdict on the last ones may take, so that cuts do not depend on where a range ends.
class ReadAhead {
 public:
  // `every_frame`, or the first one of the range alone: the others are passed over and come without a
  // picture.
  ReadAhead(FrameSource& source, const FrameRange& range, bool every_frame)
      : source_(source), range_(range), every_frame_(every_frame), thread_([this] { run(); }) {}
  ~ReadAhead() { queue_.cancel(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::optional<media::VideoFrame> next() { return queue_.pop(); }
  /// What is damaged up to the end of the range; once next() came to its end.
  const std::string& damage() const { return damage_; }

 private:
  void run() {
    keep_this_thread_single();
    try {
      bool goes_on = true;
      for (std::int64_t index = -source_.loop().run_in; goes_on && index != range_.end; ++index)
        goes_on = pass_on(index);
      damage_ = source_.report().message;
      for (int more = 0; goes_on && every_frame_ && more < flow::CutDetector::kMostInserted; ++more)
        goes_on = pass_on(*range_.end + more);
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
  const FrameRange range_;
  const bool every_frame_;
  std::string damage_;
  BoundedQueue<media::VideoFrame> queue_{kAhead};
  std::jthread thread_;  // last: joins before the queue goes
};

// Puts shots together from what is said of one frame after the other.
class ShotList {
 public:
  ShotList(const FrameRange& range, FirstPass& pass) : range_(range), pass_(pass) {
    index_ = pass_.shot_start = -pass_.loop.run_in;
  }

  void add(bool is_cut) {
    const std::int64_t index = index_++;
    if (range_.end && index >= *range_.end) return;
    if (is_cut && index <= range_.begin) pass_.shot_start = index;
    if (index < 0) extend(pass_.run_in, index, is_cut);
    if (index >= range_.begin) extend(pass_.shots, index, is_cut);
  }

 private:
  static void extend(std::vector<Shot>& shots, std::int64_t index, bool is_cut) {
    if (is_cut || shots.empty()) shots.push_back({index, index});
    shots.back().end = index + 1;
  }

  const FrameRange range_;
  FirstPass& pass_;
  std::int64_t index_;
};

[[noreturn]] void throw_no_frame(const FrameRange& range, std::int64_t frames) {
  throw UsageError("--frames " + std::to_string(range.begin) + ".. selects no frame: the job has " +
                   std::to_string(frames));
}

FirstPass pass_of_one_shot(const FrameSource& source, const FrameRange& range, std::int64_t frames) {
  FirstPass pass;
  pass.loop = source.loop();
  pass.shot_start = -pass.loop.run_in;
  if (pass.loop.run_in > 0) pass.run_in.push_back({-pass.loop.run_in, 0});
  const Shot shot{range.begin, std::min(frames, range.end.value_or(frames))};
  if (shot.begin >= shot.end) throw_no_frame(range, frames);
  pass.shots.push_back(shot);
  pass.first_pts = shot.begin;
  pass.first_seconds = static_cast<double>(shot.begin) * source.info().time_base.value();
  pass.damage = source.report().message;
  return pass;
}

}  // namespace

FirstPass find_shots(FrameSource& source, const job::Temporal& temporal, const FrameRange& range,
                     const std::atomic<bool>* stop, ProgressSink* progress,
                     const std::atomic<bool>* unwanted) {
  if (const auto frames = source.frames_of_one_shot()) {
    throw_if_stopped(stop, "interrupted while looking for cuts");
    throw_if_stopped(unwanted, "interrupted while looking for cuts");
    return pass_of_one_shot(source, range, *frames);
  }
  const bool find_cuts = temporal.cuts == job::Temporal::Cuts::automatic;
  flow::CutDetector cuts;
  Chatter chatter(progress);
  FirstPass pass;
  pass.loop = source.loop();
  ShotList list(range, pass);
  const auto add_what_is_known = [&] {
    while (const auto is_cut = cuts.next()) list.add(*is_cut);
  };
  std::int64_t index = -pass.loop.run_in;
  {
    ReadAhead frames(source, range, find_cuts);
    for (; const auto frame = frames.next(); ++index) {
      throw_if_stopped(stop, "interrupted while looking for cuts");
      throw_if_stopped(unwanted, "interrupted while looking for cuts");
      chatter.at(index);
      if (index == range.begin) {
        pass.first_pts = frame->pts;
        pass.first_seconds = frame->seconds;
      }
      if (find_cuts && frame->rgb.defined()) {
        cuts.add(frame->rgb);
        add_what_is_known();
      } else {
        list.add(false);
      }
    }
    pass.damage = frames.damage();
  }  // the source is this thread's again
  cuts.finish();
  add_what_is_known();
  if (pass.shots.empty()) throw_no_frame(range, index);
  return pass;
}

FirstPass first_pass(const job::Job& job, const Facts& facts, const PlanOptions& options) {
  job::Job input_only;  // cuts depend on nothing else
  input_only.input = job.input;
  input_only.input.path = job.input.path.empty() ? "" : "source";
  input_only.input.audio.reset();
  input_only.temporal.cuts = job.temporal.cuts;
  input_only.output.loop = job.output.loop;
  const std::string key =
      sha256_hex(facts.version + " " + std::to_string(kCutRules) + "\n" + facts.source + "\n" +
                 std::to_string(options.range.begin) + ".." + std::to_string(options.range.end.value_or(-1)) +
                 "\n" + job::to_yaml(input_only));
  if (!options.shots_cache.empty())
    if (const auto text = read_beginning(options.shots_cache, kMostJsonBytes).text)
      if (auto cached = first_pass_from_json(*text, key)) return *cached;
  if (options.progress != nullptr) options.progress->activity("looking for cuts");
  const auto source =
      open_source_in_background(job, options.range.begin, options.stop, {}, kThumbnailSide, options.unwanted);
  const FirstPass pass =
      find_shots(*source, job.temporal, options.range, options.stop, options.progress, options.unwanted);
  if (!options.shots_cache.empty()) write_file_atomically(options.shots_cache, to_json(key, pass));
  return pass;
}

}  // namespace dreamreel::render
