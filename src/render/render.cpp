#include "dreamreel/render/render.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <deque>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include "analysis.h"
#include "dreamer.h"
#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/media/writer.h"
#include "resolve.h"
#include "source.h"
#include "threads.h"
#include "timeline.h"
#include "torch_errors.h"

namespace dreamreel::render {
namespace {

using Clock = std::chrono::steady_clock;

// Frames in flight on either side of the ascent: enough to hide an uneven decoder, few enough for 4K.
constexpr std::size_t kFramesAhead = 3;
constexpr std::size_t kRateWindow = 10;  // frames over which the speed is averaged
constexpr double kPreviewSeconds = 1;    // a preview is not written more often than this

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// The source's frames with their motion, made on a thread of their own.
class AnalysisThread {
 public:
  AnalysisThread(FrameSource& source, const job::Temporal& temporal, const RenderOptions& options)
      : queue_(kFramesAhead),
        thread_([this, &source, &temporal, &options] { run(source, temporal, options); }) {}
  ~AnalysisThread() { queue_.cancel(); }

  std::optional<AnalysedFrame> next() { return queue_.pop(); }

 private:
  void run(FrameSource& source, const job::Temporal& temporal, const RenderOptions& options) {
    keep_this_thread_single();
    try {
      Analysis analysis(source, temporal, options.frames, options.stop);
      while (auto frame = analysis.next())
        if (!queue_.push(std::move(*frame))) return;
      queue_.close();
    } catch (...) {
      queue_.fail(std::current_exception());
    }
  }

  BoundedQueue<AnalysedFrame> queue_;
  std::jthread thread_;  // last: joins before the queue goes
};

// Writes a picture now and then, so that a person can look while the render runs.
class Preview {
 public:
  Preview(std::optional<std::filesystem::path> path, const media::VideoInfo& info)
      : path_(std::move(path)), info_(info) {
    info_.is_still = true;
  }

  void show(const media::VideoFrame& frame) {
    const auto now = Clock::now();
    if (!path_ || (shown_ && seconds_between(*shown_, now) < kPreviewSeconds)) return;
    shown_ = now;
    try {
      write(frame);
    } catch (const Error& error) {  // a look at the render must not end it
      log_warning(std::string("no more previews: ") + error.what());
      path_.reset();
    }
  }

 private:
  void write(const media::VideoFrame& frame) const {
    media::WriterOptions options;
    options.path = *path_;
    media::Writer writer(options, info_);
    writer.write(frame);
    writer.finish();
  }

  std::optional<std::filesystem::path> path_;
  media::VideoInfo info_;
  std::optional<Clock::time_point> shown_;
};

// Encodes on a thread of its own. A failure there surfaces in write() or finish().
class EncodeThread {
 public:
  EncodeThread(media::Writer writer, Preview preview)
      : writer_(std::move(writer)),
        preview_(std::move(preview)),
        queue_(kFramesAhead),
        thread_([this] { run(); }) {}
  ~EncodeThread() { queue_.cancel(); }

  void write(media::VideoFrame frame) {
    if (!queue_.push(std::move(frame))) rethrow();
  }

  void finish() {
    queue_.close();
    thread_.join();
    rethrow();
    writer_.finish();
  }

 private:
  void run() {
    keep_this_thread_single();
    try {
      while (const auto frame = queue_.pop()) {
        writer_.write(*frame);
        preview_.show(*frame);
      }
    } catch (...) {
      failure_ = std::current_exception();
      queue_.cancel();
    }
  }

  void rethrow() {
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  media::Writer writer_;
  Preview preview_;
  BoundedQueue<media::VideoFrame> queue_;
  std::exception_ptr failure_;  // written by the thread, read after joining it
  std::jthread thread_;
};

// Speed over the last frames, and the time that is left at that speed.
class Speedometer {
 public:
  void tick() {
    ticks_.push_back(Clock::now());
    if (ticks_.size() > kRateWindow + 1) ticks_.pop_front();
  }
  double seconds_per_frame() const {
    if (ticks_.size() < 2) return 0;
    return seconds_between(ticks_.front(), ticks_.back()) / static_cast<double>(ticks_.size() - 1);
  }

 private:
  std::deque<Clock::time_point> ticks_;
};

std::int64_t frames_to_render(const media::VideoInfo& info, const FrameRange& range) {
  if (!info.frame_count) return range.end ? *range.end - range.begin : 0;
  const auto end = std::min(*info.frame_count, range.end.value_or(*info.frame_count));
  return std::max<std::int64_t>(0, end - range.begin);
}

// `start_seconds`: what is left out before the first frame, in the job's own time.
media::WriterOptions writer_options(const job::Job& job, const media::VideoInfo& info,
                                    std::int64_t first_frame, double start_seconds) {
  media::WriterOptions options;
  options.path = job.output.path;
  options.codec = job.output.codec;
  options.pixel_format = job.output.pixel_format;
  options.options = job.output.codec_options;
  options.job_yaml = job::to_yaml(job);
  options.first_frame_number = first_frame;
  // A song in place of the source's sound begins with the job; the source's own sound begins at the trim.
  if (job.output.audio == job::Output::Audio::copy) {
    if (job.input.audio) {
      options.sound_from = job.input.audio;
      options.sound_start_seconds = start_seconds;
    } else if (info.sound_tracks > 0) {
      options.sound_from = job.input.path;
      options.sound_start_seconds = info.start_seconds + start_seconds;
    }
  }
  if (!job.input.noise) {
    options.metadata_from = job.input.path;
    options.metadata_start_seconds = info.start_seconds + start_seconds;
  }
  return options;
}

class Render {
 public:
  Render(const job::Job& job, const RenderOptions& options) : job_(job), options_(options) {}

  RenderResult run() {
    source_ = open_source(job_, options_.frames.begin);
    const Timeline timeline(job_, source_->info());
    for (const auto& network : networks_of(job_)) activity("loading network " + network.name);
    const ObjectiveSet objectives(job_);
    check_size(objectives);
    started_ = Clock::now();
    AnalysisThread analysis(*source_, job_.temporal, options_);
    auto frame = analysis.next();
    if (!frame) throw_nothing_to_render();
    // An excerpt starts at time 0; a whole job keeps the source's timestamps, whatever the first one is.
    const bool excerpt = options_.frames.begin > 0;
    const auto first_pts = excerpt ? frame->frame.pts : 0;
    const auto writer =
        writer_options(job_, source_->info(), frame->frame.index, excerpt ? frame->frame.seconds : 0);
    EncodeThread encoder(media::Writer(writer, info_of_excerpt()),
                         Preview(options_.preview, source_->info()));
    report_start(objectives.networks()[0]);
    Dreamer dreamer(job_, objectives, timeline, source_->info());
    for (; frame; frame = analysis.next()) {
      const auto dreamed = dreamer.dream(*frame, [this](const dream::StepReport&) { stop_if_asked(); });
      stop_if_asked();
      media::VideoFrame out = frame->frame;
      out.rgb = dreamed.output;
      out.pts -= first_pts;
      encoder.write(std::move(out));
      report_frame(*frame, dreamed);
    }
    stop_if_asked();
    activity("finishing " + job_.output.path.string());
    encoder.finish();
    return finished();
  }

 private:
  void activity(const std::string& text) const {
    if (options_.progress) options_.progress->activity(text);
  }

  void stop_if_asked() const {
    if (options_.stop && options_.stop->load())
      throw Interrupted("interrupted after " + std::to_string(result_.frames) +
                        " frames; nothing was written to " + job_.output.path.string());
  }

  // What the Writer may expect: chapters and sound end where the excerpt ends.
  media::VideoInfo info_of_excerpt() const {
    media::VideoInfo info = source_->info();
    const bool whole = options_.frames.begin == 0 && !options_.frames.end;
    const auto frames = frames_to_render(info, options_.frames);
    if (whole || frames == 0) return info;
    info.frame_count = frames;
    info.duration_seconds = static_cast<double>(frames) / info.frame_rate.value();
    return info;
  }

  void check_size(const ObjectiveSet& objectives) const {
    const auto& info = source_->info();
    const curve::CurveTime start{0, info.frame_rate.value()};
    const auto networks = objectives.networks();
    const auto options = ascent_options(job_, objectives.at(start, {}), start, false, false);
    if (dream::usable_octaves(networks, info.height, info.width, options) > 0) return;
    throw JobError("the frames are " + std::to_string(info.width) + "x" + std::to_string(info.height) +
                   ", but the wanted layers need at least " + std::to_string(networks.min_input_side()) +
                   " px on the shorter side; scale the input up (input.filter) or choose shallower layers");
  }

  [[noreturn]] void throw_nothing_to_render() const {
    const auto count = source_->info().frame_count;
    throw UsageError("--frames " + std::to_string(options_.frames.begin) + ".. selects no frame" +
                     (count ? ": the job has " + std::to_string(*count) : ""));
  }

  void report_start(const network::Network& network) const {
    if (!options_.progress) return;
    const auto& info = source_->info();
    RenderStart start;
    start.output = job_.output.path.string();
    start.first_frame = options_.frames.begin;
    start.frame_count = frames_to_render(info, options_.frames);
    start.frame_count_is_exact = info.frame_count_is_exact;
    start.width = info.width;
    start.height = info.height;
    start.device = network.device().str();
    start.precision = std::string(network::name_of(network.precision()));
    start.threads = at::get_num_threads();
    options_.progress->start(start);
  }

  void report_frame(const AnalysedFrame& frame, const DreamedFrame& dreamed) {
    ++result_.frames;
    result_.shots = frame.shot + 1;
    speed_.tick();
    if (!options_.progress) return;
    FrameProgress progress;
    progress.frame = frame.frame.index;
    progress.done = result_.frames;
    progress.total = frames_to_render(source_->info(), options_.frames);
    progress.shot = frame.shot;
    progress.objective = dreamed.objective;
    progress.seconds_per_frame = speed_.seconds_per_frame();
    progress.eta_seconds = static_cast<double>(std::max<std::int64_t>(0, progress.total - progress.done)) *
                           progress.seconds_per_frame;
    options_.progress->frame(progress);
  }

  RenderResult finished() {
    const auto report = source_->report();
    result_.source_damaged = report.damaged;
    result_.damage = report.message;
    if (options_.progress)
      options_.progress->finish(job_.output.path.string(), result_.frames,
                                seconds_between(started_, Clock::now()));
    return result_;
  }

  const job::Job& job_;
  const RenderOptions& options_;
  std::unique_ptr<FrameSource> source_;
  Clock::time_point started_;
  Speedometer speed_;
  RenderResult result_;
};

}  // namespace

RenderResult render(const job::Job& job, const RenderOptions& options) {
  return with_torch_errors([&] { return Render(job, options).run(); });
}

}  // namespace dreamreel::render
