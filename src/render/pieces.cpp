#include "dreamreel/render/pieces.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "backward.h"
#include "dreamer.h"
#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/carry/dissolve.h"
#include "dreamreel/carry/hold.h"
#include "dreamreel/carry/twins.h"
#include "dreamreel/core/bounded_queue.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/model/objective_loading.h"
#include "dreamreel/network/processor.h"
#include "dreamreel/prepare/check_size.h"
#include "dreamreel/prepare/memory.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/changes.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/schedule/frame_keys.h"
#include "dreamreel/work/outstanding.h"
#include "incoming.h"
#include "machine.h"
#include "segment_writer.h"

namespace dreamreel::render {
namespace {

using Action = schedule::FrameStep::Action;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRateWindow = 10;  // frames over which the speed is averaged

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// Makes the source's frames with their motion, on a thread of its own.
class AnalysisThread {
 public:
  AnalysisThread(footage::FrameSource& source, const job::Temporal& temporal,
                 const footage::Timeline& timeline, const carry::Hold& hold, carry::Twins twins,
                 schedule::Script script, const RenderOptions& options)
      : queue_(prepare::queue_length(source.info().width, source.info().height, temporal.every)),
        trace_(options.trace),
        analysis_(source, temporal, timeline, hold, std::move(twins), std::move(script), options.stop,
                  options.trace),
        thread_([this] { run(); }) {}
  ~AnalysisThread() { queue_.cancel(); }

  std::optional<carry::AnalysedFrame> next() { return queue_.pop(); }

 private:
  void run() {
    image::keep_this_thread_single();
    try {
      while (auto frame = analysis_.next()) {
        const TraceSpan span(trace_, Trace::Track::source, "wait for the ascent");
        if (!queue_.push(std::move(*frame))) return;
      }
      queue_.close();
    } catch (...) {
      queue_.fail(std::current_exception());
    }
  }

  BoundedQueue<carry::AnalysedFrame> queue_;
  Trace* const trace_;
  carry::Analysis analysis_;
  std::jthread thread_;  // last, so that it joins before the queue is destroyed
};

// Measures the speed over the last frames.
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

std::int64_t frames_in(const std::vector<schedule::Piece>& pieces) {
  std::int64_t frames = 0;
  for (const auto& piece : pieces) frames += piece.end - piece.begin;
  return frames;
}

// The alpha of a shown frame. A loop's last frames dissolve into what leads to the first, and so does theirs.
at::Tensor alpha_of(const carry::AnalysedFrame& analysed) {
  const at::Tensor& own = analysed.frame.alpha;
  const auto& twin = analysed.twin;
  if (!own.defined() || !twin || !twin->frame.alpha.defined()) return own;
  return image::lerp(own, twin->frame.alpha, twin->weight);
}

class PiecesRender {
 public:
  PiecesRender(const job::Job& job, const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
               const work::WorkFolder& work, const RenderOptions& options)
      : job_(job),
        plan_(plan),
        pieces_(pieces),
        work_(work),
        options_(options),
        cadence_(job.temporal.every, plan.loop,
                 schedule::frames_remembered(job, plan.clock.frames_per_second)) {}

  RenderResult run(std::shared_ptr<model::ObjectiveSet> loaded) {
    const auto outstanding = work::find_outstanding(
        plan_, cadence_, pieces_, work_, [this](std::int64_t frame) { return keys().of(frame); },
        job_.output.path, options_.stop);
    result_.frames = outstanding.frames_done;
    result_.shots = pieces_.back().shot + 1;
    result_.damage = plan_.damage;
    result_.source_damaged = !plan_.damage.empty();
    if (outstanding.tasks.empty()) {
      if (options_.tells_ranges) log_info(schedule::in_words(outstanding, pieces_));
      return result_;
    }
    say_where(outstanding);
    if (!loaded) model::announce_networks(job_, options_.progress);
    const auto objectives =
        loaded ? std::move(loaded) : model::load_objectives(job_, options_.stop, options_.trace);
    const auto runs = schedule::runs_of(job_, plan_, outstanding.tasks);
    open_first(runs.front());
    prepare::check_size(job_, *objectives, source_->info());
    const auto limit = memory_for_passes(*objectives);
    const auto info = prepare::info_of_range(source_->info(), plan_.facts.range);
    const auto writer_opts =
        prepare::writer_options(job_, source_->info(), plan_.facts.range, plan_.first_seconds, plan_.begin());
    const auto format =
        job::has_several_outputs(job_) ? media::PartFormat::lossless : media::PartFormat::of_output;
    SegmentWriter writer(plan_, keys(), work_, writer_opts, format, machine_of(objectives->networks()[0]),
                         info, Preview(options_.preview, info), options_.stop, options_.trace);
    report_start(objectives->networks()[0], outstanding);
    if (schedule::dreams_backward(job_)) dream_backward_with(*objectives, limit);
    std::optional<Dreamer> dreamer;  // shared by the runs without a cross-fade
    bool is_first = true;
    for (const auto& one : runs) {
      if (!is_first) source_ = opened(one.opens_at);
      is_first = false;
      // All tasks of such a run are of the same piece.
      if (const auto* const fade = schedule::fade_out_of(plan_, one.tasks.back().piece)) {
        dreamer.reset();
        carry_out_fading(taken_over(one), *fade, *objectives, limit, writer);
        continue;
      }
      if (!dreamer) dreamer.emplace(dreamer_of(job_, *objectives, limit));
      carry_out(taken_over(one), job_, *dreamer, writer);
    }
    stop_if_asked();
    activity("finishing the last segment");
    const TraceSpan span(options_.trace, Trace::Track::ascent, "finish the last segment");
    writer.finish();
    return result_;
  }

 private:
  void activity(const std::string& text) const {
    if (options_.progress) options_.progress->activity(text);
  }

  std::unique_ptr<footage::FrameSource> opened(std::int64_t first_frame) const {
    return footage::open_source_in_background(job_, first_frame, options_.stop, plan_.loop);
  }

  const schedule::FrameKeys& keys() {
    if (keys_) return *keys_;
    source_ = opened(plan_.begin());
    timeline_.emplace(job_, source_->info(), options_.stop);
    keys_.emplace(job_, plan_,
                  [this](std::int64_t frame, double seconds) { return timeline_->at(frame, seconds); });
    return *keys_;
  }

  // Sets the source for the first run. Nothing has been read from the source that keys() opened, so it can be
  // used. Only pure feedback is opened again, because its picture has to come at the run's first frame.
  void open_first(const schedule::Run& run) {
    keys();
    if (schedule::is_feedback(job_)) source_ = opened(run.opens_at);
  }

  dream::PassLimit memory_for_passes(const model::ObjectiveSet& objectives) const {
    const auto& info = source_->info();
    const auto said = options_.memory > 0 ? options_.memory : plan_.memory;
    const auto budget = prepare::memory_budget(said, objectives.device());
    const auto limit = prepare::pass_limit(job_, objectives, info, budget);
    const curve::CurveTime start{0, info.frame_rate.value()};
    auto options = carry::ascent_options(job_, objectives.at(start, {}), start, false, false);
    options.limit = limit;
    const auto tiles = dream::tiles_for(objectives.networks(), options, info.height, info.width);
    if (tiles.count > 1 && !tiles.is_windows)
      log_info(
          fmt::format("frames are dreamed in {}, so that the render takes no more than {}{}",
                      prepare::words_for(tiles), prepare::size_text(budget.bytes),
                      said > 0 || tiles.is_exact
                          ? ""
                          : "; give every machine the same --memory if their pixels have to be the same"));
    return limit;
  }

  void say_where(const schedule::Outstanding& outstanding) const {
    const auto& task = outstanding.tasks.front();
    if (options_.tells_ranges) log_info(schedule::in_words(outstanding, pieces_));
    if (outstanding.frames_done == 0) return;
    log_info(fmt::format("resumed at frame {}, with {} of {} frames done", std::max(task.begin, task.resume),
                         outstanding.frames_done, frames_in(pieces_)));
  }

  void stop_if_asked() const {
    if (options_.stop && options_.stop->load())
      throw Interrupted(
          fmt::format("interrupted with {} of {} frames done; run the same command again to go on from there",
                      result_.frames, frames_in(pieces_)));
  }

  Dreamer dreamer_of(const job::Job& job, model::ObjectiveSet& objectives,
                     const dream::PassLimit& limit) const {
    return {job, objectives, *timeline_, source_->info(), plan_.loop, limit, options_.trace};
  }

  void dream_backward_with(model::ObjectiveSet& objectives, const dream::PassLimit& limit) {
    std::int64_t frames = 0, backward = 0;
    for (const auto& piece : pieces_) {
      frames += cadence_.count(piece, piece.start, piece.end);
      backward += schedule::count_backward(plan_, cadence_, piece, piece.start, piece.end);
    }
    dreams_per_frame_ =
        static_cast<double>(frames + backward) / static_cast<double>(std::max<std::int64_t>(1, frames));
    BackwardDreams::Context context{job_, plan_,      cadence_, *keys_,        work_,          *timeline_,
                                    {},   objectives, limit,    options_.stop, options_.trace, {}};
    context.open = [this] { return opened(plan_.begin()); };
    context.on_frame = [this, said = Clock::time_point()](std::int64_t frame) mutable {
      speed_.tick();
      constexpr auto kSayEvery = std::chrono::seconds(2);
      if (Clock::now() - said < kSayEvery) return;
      activity("dreaming backward first: frame " + std::to_string(frame));
      said = Clock::now();
    };
    backward_ = std::make_unique<BackwardDreams>(std::move(context), source_->info());
  }

  // Carries out a run whose last frames fade out.
  void carry_out_fading(const schedule::Run& run, const schedule::Fade& fade, model::ObjectiveSet& objectives,
                        const dream::PassLimit& limit, SegmentWriter& writer) {
    const job::Job outgoing = schedule::outgoing_job(job_, fade);
    Dreamer dreamer = dreamer_of(outgoing, objectives, limit);
    open_incoming_ = [&] {
      return std::make_unique<Incoming>(
          job_, plan_, fade, cadence_, *timeline_, [this](std::int64_t first) { return opened(first); },
          objectives, limit, options_.stop, options_.trace);
    };
    carry_out(run, outgoing, dreamer, writer);
    const bool is_whole = incoming_ && incoming_->last()->frame == fade.end - 1;
    arrived_ = is_whole ? std::optional(*incoming_->last()) : std::nullopt;
    incoming_.reset();
  }

  // The run that goes on behind a fade, if this process has just made the incoming dream. It need not warm
  // up.
  // Frames that are filled in or held lean on more than the last dream, so they are warmed up anyway.
  schedule::Run taken_over(schedule::Run run) const {
    schedule::Task& task = run.tasks.front();
    const bool goes_on = arrived_ && task.piece.begin == arrived_->frame + 1 &&
                         task.resume == task.piece.start && task.piece.start < task.piece.begin;
    if (!goes_on || job_.temporal.every > 1 || job_.temporal.hold) return run;
    task.resume = task.piece.begin;
    task.from = task.drawn = arrived_->frame;
    return run;
  }

  // The outgoing dream mixed with the incoming one.
  at::Tensor mixed(const carry::AnalysedFrame& analysed, const DreamedFrame& outgoing) {
    const double weight = analysed.step.incoming_weight;
    if (weight <= 0) return outgoing.output;
    if (!incoming_) incoming_ = open_incoming_();
    const auto incoming =
        incoming_->frame_of(analysed.frame.index, [this](const dream::StepReport&) { stop_if_asked(); });
    // Each dream lies over a still that its own camera moved, or both over the same frame of a clip.
    const auto under = [&](const DreamedFrame& one) {
      return one.base.defined() ? one.base : analysed.frame.rgb;
    };
    return image::quantise16(
        carry::dissolved(outgoing.output, incoming.output, under(outgoing), under(incoming), weight));
  }

  void carry_out(const schedule::Run& run, const job::Job& job, Dreamer& dreamer, SegmentWriter& writer) {
    const carry::Hold hold(job, *timeline_);
    carry::Twins twins(plan_.loop, job, *timeline_, source_->info().frame_rate.value(),
                       [this] { return opened(-plan_.loop.run_in); });
    AnalysisThread analysis(*source_, job.temporal, *timeline_, hold, std::move(twins),
                            schedule::Script(job, plan_, cadence_, run, options_.keep_dreams), options_);
    while (auto analysed = wait_for(analysis)) {
      stop_if_asked();
      // The frames in between lean on this frame's dream, but come before it in the video.
      std::optional<DreamedFrame> dreamed;
      if (analysed->step.action == Action::dream) dreamed = dream(*analysed, dreamer);
      for (const auto& between : analysed->between) {
        if (between.step.action == Action::fill) keep(between, dreamer.fill(between), writer);
        if (between.step.is_stored) replay(between, dreamer, writer);
      }
      if (dreamed && !analysed->step.is_ahead) keep(*analysed, *dreamed, writer);
      if (analysed->step.action == Action::restore) restore(*analysed, dreamer);
      if (analysed->step.is_recalled) recall(*analysed, dreamer);
      if (analysed->step.is_stored) replay(*analysed, dreamer, writer);
    }
  }

  std::optional<carry::AnalysedFrame> wait_for(AnalysisThread& analysis) const {
    const TraceSpan span(options_.trace, Trace::Track::ascent, "wait for a frame");
    return analysis.next();
  }

  // Loads the dream from which the twin was carried on.
  void load_past_of(carry::Twin& twin) const {
    if (plan_.run_in.empty() || !twin.continues_shot) return;
    auto stored = load(twin.frame.index - 1);
    twin.previous_dreamed = std::move(stored.dreamed);
    twin.note = std::move(stored.note);
  }

  work::WorkFolder::Stored load(std::int64_t index) const {
    if (auto stored = work_.load(keys_->of(index), index)) return std::move(*stored);
    throw DataError(fmt::format(
        "the stored frame {} has been damaged since this render began; run the same command again",
        work_.frame(index).string()));
  }

  DreamedFrame dream(carry::AnalysedFrame& analysed, Dreamer& dreamer) {
    if (analysed.held_from) return dreamer.hold(analysed);
    const auto observer = [this](const dream::StepReport&) { stop_if_asked(); };
    if (analysed.twin) load_past_of(*analysed.twin);
    if (analysed.step.backward) analysed.backward = backward_->dream_of(analysed.step, observer);
    return dreamer.dream(analysed, observer);
  }

  void keep(const carry::AnalysedFrame& analysed, const DreamedFrame& dreamed, SegmentWriter& writer) {
    const auto index = analysed.frame.index;
    if (index < 0) work_.store(keys_->of(index), index, dreamed.dreamed, dreamed.dreamed, dreamed.note);
    if (analysed.step.is_shown) {
      FinishedFrame finished{analysed.frame, dreamed.dreamed, analysed.step, dreamed.note};
      finished.frame.rgb = mixed(analysed, dreamed);
      finished.frame.alpha = alpha_of(analysed);
      const TraceSpan span(options_.trace, Trace::Track::ascent, "wait for the encoder", index);
      writer.write(std::move(finished));
    }
    report_frame(analysed, dreamed);
  }

  void restore(const carry::AnalysedFrame& analysed, Dreamer& dreamer) const {
    // Frames of a warm-up are not stored, so this can only be the incoming dream.
    if (arrived_ && arrived_->frame == analysed.frame.index &&
        analysed.frame.index < analysed.step.piece.begin)
      return dreamer.restore(analysed, arrived_->dreamed.dreamed, arrived_->dreamed.note);
    const auto stored = load(analysed.frame.index);
    dreamer.restore(analysed, stored.dreamed, stored.note);
  }

  void recall(const carry::AnalysedFrame& analysed, Dreamer& dreamer) const {
    dreamer.recall(analysed, load(analysed.frame.index).dreamed);
  }

  void replay(const carry::AnalysedFrame& analysed, Dreamer& dreamer, SegmentWriter& writer) {
    if (!analysed.step.is_shown) return;
    const auto stored = load(analysed.frame.index);
    FinishedFrame finished{analysed.frame, stored.dreamed, analysed.step, {}};
    finished.frame.alpha = alpha_of(analysed);
    finished.frame.rgb = stored.output.defined() ? stored.output : dreamer.show(analysed, stored.dreamed);
    writer.write(std::move(finished));
  }

  void report_start(const network::Network& network, const schedule::Outstanding& outstanding) const {
    if (!options_.progress) return;
    report::RenderStart start;
    start.output = job_.output.path.string();
    start.first_frame = std::max<std::int64_t>(0, outstanding.tasks.front().resume);
    start.frame_count = frames_in(pieces_);
    start.frame_count_is_exact = true;
    start.width = source_->info().width;
    start.height = source_->info().height;
    start.device = network.device().str();
    start.precision = std::string(network::name_of(network.precision()));
    start.kernels = network::kernels_of(network);
    start.threads = at::get_num_threads();
    options_.progress->start(start);
  }

  void report_frame(const carry::AnalysedFrame& frame, const DreamedFrame& dreamed) {
    if (frame.step.is_shown) ++result_.frames;
    speed_.tick();
    if (!options_.progress) return;
    report::FrameProgress progress;
    progress.frame = frame.frame.index;
    progress.done = result_.frames;
    progress.total = frames_in(pieces_);
    progress.shot = static_cast<int>(frame.step.piece.shot);
    progress.objective = dreamed.objective;
    progress.seconds_per_frame = speed_.seconds_per_frame() * dreams_per_frame_;
    progress.eta_seconds = static_cast<double>(std::max<std::int64_t>(0, progress.total - progress.done)) *
                           progress.seconds_per_frame;
    options_.progress->frame(progress);
  }

  const job::Job& job_;
  const schedule::Plan& plan_;
  const std::vector<schedule::Piece>& pieces_;
  const work::WorkFolder& work_;
  const RenderOptions& options_;
  const schedule::Cadence cadence_;
  std::unique_ptr<footage::FrameSource> source_;
  std::optional<footage::Timeline> timeline_;
  std::optional<schedule::FrameKeys> keys_;                   // refers to timeline_
  std::function<std::unique_ptr<Incoming>()> open_incoming_;  // of the cross-fade of this run
  std::unique_ptr<Incoming> incoming_;                        // made at its first frame that is not stored
  std::optional<Incoming::Last> arrived_;     // the end of the incoming dream of the run before
  std::unique_ptr<BackwardDreams> backward_;  // only if the job dreams backward
  double dreams_per_frame_ = 1;               // with those of the backward passes
  Speedometer speed_;
  RenderResult result_;
};

}  // namespace

RenderResult render_pieces(const job::Job& job, const schedule::Plan& plan,
                           const std::vector<schedule::Piece>& pieces, const work::WorkFolder& work,
                           const RenderOptions& options, std::shared_ptr<model::ObjectiveSet> loaded) {
  return image::with_torch_errors([&] {
    work.remove_leftovers(plan, pieces);
    return PiecesRender(job, plan, pieces, work, options).run(std::move(loaded));
  });
}

}  // namespace dreamreel::render
