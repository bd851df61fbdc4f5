#include "dreamreel/render/pieces.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "analysis_thread.h"
#include "backward.h"
#include "crossfade.h"
#include "dreamer.h"
#include "dreamreel/carry/ascent_options.h"
#include "dreamreel/carry/hold.h"
#include "dreamreel/carry/twins.h"
#include "dreamreel/core/log.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/model/objective_loading.h"
#include "dreamreel/prepare/check_size.h"
#include "dreamreel/prepare/memory.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/schedule/backward.h"
#include "dreamreel/schedule/changes.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/feedback.h"
#include "dreamreel/work/outstanding.h"
#include "frame_maker.h"
#include "incoming.h"
#include "machine.h"
#include "opened_source.h"
#include "segment_writer.h"
#include "tally.h"

namespace dreamreel::render {
namespace {

std::int64_t frames_in(const std::vector<schedule::Piece>& pieces) {
  std::int64_t frames = 0;
  for (const auto& piece : pieces) frames += piece.end - piece.begin;
  return frames;
}

// Dreamed frames of both directions for each frame of the forward pass.
double dreams_per_frame(const schedule::Plan& plan, const schedule::Cadence& cadence,
                        const std::vector<schedule::Piece>& pieces) {
  std::int64_t frames = 0, backward = 0;
  for (const auto& piece : pieces) {
    frames += cadence.count(piece, piece.start, piece.end);
    backward += schedule::count_backward(plan, cadence, piece, piece.start, piece.end);
  }
  return static_cast<double>(frames + backward) / static_cast<double>(std::max<std::int64_t>(1, frames));
}

// How much memory a pass may take. Says so if frames are dreamed in tiles because of that.
dream::PassLimit memory_for_passes(const job::Job& job, const schedule::Plan& plan,
                                   const model::ObjectiveSet& objectives, const media::VideoInfo& info,
                                   const RenderOptions& options) {
  const auto said = options.memory > 0 ? options.memory : plan.memory;
  const auto budget = prepare::memory_budget(said, objectives.device());
  const auto limit = prepare::pass_limit(job, objectives, info, budget);
  const curve::CurveTime start{0, info.frame_rate.value()};
  auto ascent = carry::ascent_options(job, objectives.at(start, {}), start, false, false);
  ascent.limit = limit;
  const auto tiles = dream::tiles_for(objectives.networks(), ascent, info.height, info.width);
  if (tiles.count > 1 && !tiles.is_windows)
    log_info(fmt::format("frames are dreamed in {}, so that the render takes no more than {}{}",
                         prepare::words_for(tiles), prepare::size_text(budget.bytes),
                         said > 0 || tiles.is_exact
                             ? ""
                             : "; give every machine the same --memory if their pixels have to be the same"));
  return limit;
}

// Makes what is outstanding of some pieces, run by run. The source lives as long as this object. Networks and
// the stages that need them live in dream() alone.
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
                 schedule::frames_remembered(job, plan.clock.frames_per_second)),
        opened_(job, plan, options.stop) {}

  RenderResult run(std::shared_ptr<model::ObjectiveSet> loaded) {
    const auto outstanding = work::find_outstanding(
        plan_, cadence_, pieces_, work_, [this](std::int64_t frame) { return opened_.keys().of(frame); },
        job_.output.path, options_.stop);
    say_where(outstanding);
    RenderResult result;
    result.frames = outstanding.frames_done;
    result.shots = pieces_.back().shot + 1;
    result.damage = plan_.damage;
    result.source_damaged = !plan_.damage.empty();
    if (outstanding.tasks.empty()) return result;
    if (!loaded) model::announce_networks(job_, options_.progress);
    const auto objectives =
        loaded ? std::move(loaded) : model::load_objectives(job_, options_.stop, options_.trace);
    result.frames = dream(outstanding, *objectives);
    return result;
  }

 private:
  void say_where(const schedule::Outstanding& outstanding) const {
    if (options_.tells_ranges) log_info(schedule::in_words(outstanding, pieces_));
    if (outstanding.tasks.empty() || outstanding.frames_done == 0) return;
    const auto& task = outstanding.tasks.front();
    log_info(fmt::format("resumed at frame {}, with {} of {} frames done", std::max(task.begin, task.resume),
                         outstanding.frames_done, frames_in(pieces_)));
  }

  // Makes the outstanding frames. Returns how many frames of the pieces are finished then.
  std::int64_t dream(const schedule::Outstanding& outstanding, model::ObjectiveSet& objectives) {
    const auto runs = schedule::runs_of(job_, plan_, outstanding.tasks);
    opened_.begin(runs.front());
    prepare::check_size(job_, objectives, opened_.info());
    const auto limit = memory_for_passes(job_, plan_, objectives, opened_.info(), options_);
    const auto info = prepare::info_of_range(opened_.info(), plan_.facts.range);
    const auto writer_options =
        prepare::writer_options(job_, opened_.info(), plan_.facts.range, plan_.first_seconds, plan_.begin());
    const auto format =
        job::has_several_outputs(job_) ? media::PartFormat::lossless : media::PartFormat::of_output;
    const network::Network& network = objectives.networks()[0];
    SegmentWriter writer(plan_, opened_.keys(), work_, writer_options, format, machine_of(network), info,
                         Preview(options_.preview, info), options_.stop, options_.trace);
    Tally tally(frames_in(pieces_), outstanding.frames_done, options_);
    tally.report_start(job_.output.path.string(), std::max<std::int64_t>(0, outstanding.tasks.front().resume),
                       opened_.info(), network);
    const auto backward = backward_dreams(objectives, limit, tally);
    Crossfade crossfade(job_, incoming_dreams(objectives, limit), tally.stopping_observer());
    make_runs(runs, objectives, limit,
              {plan_, work_, opened_.keys(), crossfade, backward.get(), writer, tally, options_.trace});
    tally.stop_if_asked();
    tally.report_activity("finishing the last segment");
    const TraceSpan span(options_.trace, Trace::Track::ascent, "finish the last segment");
    writer.finish();
    return tally.done();
  }

  // Null unless the job dreams backward.
  std::unique_ptr<BackwardDreams> backward_dreams(model::ObjectiveSet& objectives,
                                                  const dream::PassLimit& limit, Tally& tally) {
    if (!schedule::dreams_backward(job_)) return {};
    tally.set_dreams_per_frame(dreams_per_frame(plan_, cadence_, pieces_));
    BackwardDreams::Context context{
        job_, plan_,      cadence_, opened_.keys(), work_,          opened_.timeline(),
        {},   objectives, limit,    options_.stop,  options_.trace, {}};
    context.open = [this] { return opened_.open(plan_.begin()); };
    context.on_frame = [&tally](std::int64_t frame) { tally.report_backward(frame); };
    return std::make_unique<BackwardDreams>(std::move(context), opened_.info());
  }

  Crossfade::MakeIncoming incoming_dreams(model::ObjectiveSet& objectives,
                                          const dream::PassLimit& limit) const {
    return [this, &objectives, &limit](const schedule::Fade& fade) {
      return std::make_unique<Incoming>(
          job_, plan_, fade, cadence_, opened_.timeline(),
          [this](std::int64_t first) { return opened_.open(first); }, objectives, limit, options_.stop,
          options_.trace);
    };
  }

  void make_runs(const std::vector<schedule::Run>& runs, model::ObjectiveSet& objectives,
                 const dream::PassLimit& limit, const FrameMaker::Context& context) {
    const auto dreamer_of = [&](const job::Job& job) {
      return Dreamer(job, objectives, opened_.timeline(), opened_.info(), plan_.loop, limit, options_.trace);
    };
    std::optional<Dreamer> dreamer;  // shared by the runs without a cross-fade
    for (const auto& run : runs) {
      if (&run != &runs.front()) opened_.begin(run);
      const auto rest = context.crossfade.without_warm_up(run);
      // All tasks of a run that fades out are of the same piece.
      if (const auto* const fade = schedule::fade_out_of(plan_, run.tasks.back().piece)) {
        dreamer.reset();
        const job::Job outgoing = schedule::outgoing_job(job_, *fade);
        Dreamer own = dreamer_of(outgoing);
        context.crossfade.begin(*fade);
        make_run(rest, outgoing, FrameMaker(context, own));
        context.crossfade.end();
        continue;
      }
      if (!dreamer) dreamer.emplace(dreamer_of(job_));
      make_run(rest, job_, FrameMaker(context, *dreamer));
    }
  }

  void make_run(const schedule::Run& run, const job::Job& job, FrameMaker maker) {
    const carry::Hold hold(job, opened_.timeline());
    carry::Twins twins(plan_.loop, job, opened_.timeline(), opened_.info().frame_rate.value(),
                       [this] { return opened_.open(-plan_.loop.run_in); });
    AnalysisThread analysis(opened_.source(), job.temporal, opened_.timeline(), hold, std::move(twins),
                            schedule::Script(job, plan_, cadence_, run, options_.keep_dreams), options_);
    maker.make_all(analysis);
  }

  const job::Job& job_;
  const schedule::Plan& plan_;
  const std::vector<schedule::Piece>& pieces_;
  const work::WorkFolder& work_;
  const RenderOptions& options_;
  const schedule::Cadence cadence_;
  OpenedSource opened_;
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
