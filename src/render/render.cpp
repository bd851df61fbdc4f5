#include "dreamreel/render/render.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "dreamreel/core/atomic_file.h"
#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/model/device.h"
#include "dreamreel/model/objective_loading.h"
#include "dreamreel/model/objective_set.h"
#include "dreamreel/prepare/changes.h"
#include "dreamreel/prepare/check_size.h"
#include "dreamreel/prepare/forecast.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/prepare/memory.h"
#include "dreamreel/prepare/preflight.h"
#include "dreamreel/prepare/warnings.h"
#include "dreamreel/prepare/writer_options.h"
#include "dreamreel/render/join.h"
#include "dreamreel/render/pieces.h"
#include "dreamreel/report/faults.h"
#include "dreamreel/schedule/plan_json.h"
#include "dreamreel/work/facts.h"

namespace dreamreel::render {
namespace {

using Clock = std::chrono::steady_clock;

// Removes the work folder that this run made, if the render fails before there is a plan. A folder that
// existed before may hold the parts of a farm, whose plan lies elsewhere. The guard must be destroyed before
// the lock.
class FolderGuard {
 public:
  FolderGuard(const work::WorkFolder& work, work::WorkLock& lock) : work_(work), lock_(lock) {}
  ~FolderGuard() {
    std::error_code unknown;
    if (!lock_.made_folder() || std::filesystem::exists(work_.plan(), unknown) || unknown) return;
    try {
      work_.remove(lock_);
    } catch (const std::exception&) {  // another process has taken over the lock, and with it the folder
    }
  }
  FolderGuard(const FolderGuard&) = delete;
  FolderGuard& operator=(const FolderGuard&) = delete;

 private:
  const work::WorkFolder& work_;
  work::WorkLock& lock_;
};

// The work folder is made beside the output. So a folder that cannot be written is told before that.
void expect_writable_folders(const job::Job& job) {
  report::FaultList faults;
  for (std::size_t i = 0; i < job::output_count(job); ++i) {
    media::WriterOptions output;
    output.path = job::output_at(job, i).path;
    for (const auto& fault : media::find_output_faults(output, {}))
      if (fault.code == ExitCode::io)
        faults.add({fault.code, job::key_of_output(job, i) + ".path", fault.message});
  }
  faults.throw_if_any();
}

class Render {
 public:
  Render(const job::Job& job, work::WorkFolder work, const RenderOptions& options)
      : job_(job), options_(options), work_(std::move(work)) {}

  // Loads the networks if a plan has to be made, so that a wrong layer is reported before the whole source
  // has been read.
  schedule::Plan prepare(work::WorkLock& lock, std::shared_ptr<model::ObjectiveSet>& objectives) {
    const FolderGuard guard(work_, lock);
    options_.stop = lock.stop();
    check_output();
    const schedule::Facts facts =
        in_background([job = job_, range = options_.frames] { return work::facts_of(job, range); },
                      options_.stop, "interrupted while reading the source");
    const bool goes_on = !options_.restart && std::filesystem::exists(work_.plan());
    const auto before = goes_on ? stored_plan() : std::nullopt;
    if (before && before->facts.differences(facts).empty()) {
      try_output_of_excerpt(*before);
      return *before;
    }
    if (before) prepare::expect_no_smaller_range(before->facts.range, facts.range, work_.root().string());
    work_.expect_no_foreign_files();
    const schedule::Plan plan = new_plan(facts, objectives, before ? before->memory : 0);
    try_output_of_excerpt(plan);
    if (before) tell_changes(*before, plan);
    // The files of an earlier run are removed only now, because mistakes of this run would have shown before.
    // Without `restart`, everything with a valid key stays, whether an earlier version of the job or a farm
    // rendered it.
    if (options_.restart) work_.clear(lock);
    write_file_atomically(work_.plan(), schedule::to_json(plan));
    return plan;
  }

  RenderResult run() {
    const auto started = Clock::now();
    expect_writable_folders(job_);
    work::WorkLock lock(work_.lock(), job_.output.path.string(), options_.stop);
    work_.expect_no_chunk_at_work(options_.stop);
    std::shared_ptr<model::ObjectiveSet> objectives;
    const schedule::Plan plan = prepare(lock, objectives);
    const RenderResult result =
        render_pieces(job_, plan, plan.pieces, work_, options_, std::move(objectives));
    if (!job::has_several_outputs(job_))
      activity(
          fmt::format("joining {} into {}", counted(plan.frame_count(), "frame"), job_.output.path.string()));
    lock.expect_held();
    join_pieces(job_, plan, work_, options_);
    if (!options_.keep_work && !options_.keep_dreams) work_.remove(lock);
    if (options_.progress)
      options_.progress->finish(job_.output.path.string(), result.frames,
                                std::chrono::duration<double>(Clock::now() - started).count());
    return result;
  }

 private:
  void activity(const std::string& text) const {
    if (options_.progress) options_.progress->activity(text);
  }

  // Opens everything that the end of the render needs, so that mistakes show before the first frame is
  // rendered.
  void check_output() {
    if (info_.width > 0) return;
    prepare::PreflightOptions look;
    look.frames = options_.frames;
    look.with_networks = false;
    look.in_place = true;
    look.stop = options_.stop;
    look.progress = options_.progress;
    prepare::Preflight found = prepare::preflight(job_, look);
    info_ = found.info;
    timeline_ = std::move(found.timeline);
  }

  // Tries each output of an excerpt with its sound. The sound begins with the excerpt's first frame, whose
  // time is known only from the plan.
  void try_output_of_excerpt(const schedule::Plan& plan) const {
    if (options_.frames.begin == 0) return;
    for (const auto& one : job::jobs_of_outputs(job_)) {
      const auto output =
          prepare::writer_options(one, info_, options_.frames, plan.first_seconds, options_.frames.begin);
      const media::Writer trial(output, prepare::info_of_range(info_, options_.frames), options_.stop);
    }
  }

  // Loads the networks while the source is read. A fault of a network ends both.
  schedule::Plan new_plan(const schedule::Facts& facts, std::shared_ptr<model::ObjectiveSet>& objectives,
                          std::int64_t memory_before) const {
    model::announce_networks(job_, options_.progress);
    // measured before anything takes memory that counts as free
    const auto said = options_.memory > 0 ? options_.memory : memory_before;
    const auto budget = prepare::memory_budget(said, model::resolve_device(job_.device));
    std::atomic<bool> failed = false;
    auto loading = std::async(std::launch::async, [&] {
      try {
        objectives = model::load_objectives(job_, options_.stop, options_.trace);
        prepare::check_size(job_, *objectives, info_);
        prepare::pass_limit(job_, *objectives, info_, budget);  // throws if the budget is too small
      } catch (...) {
        failed = true;
        throw;
      }
    });
    prepare::PlanOptions plan_options;
    plan_options.range = options_.frames;
    plan_options.shots_cache = work_.shots();
    plan_options.segment_frames = options_.segment_frames;
    plan_options.stop = options_.stop;
    plan_options.unwanted = &failed;
    plan_options.progress = options_.progress;
    schedule::Plan plan;
    try {
      plan = prepare::make_plan(job_, facts, plan_options);
    } catch (const Interrupted&) {
      if (failed) loading.get();
      throw;
    }
    loading.get();
    prepare::log_fades_cut_short(job_, plan.fades, plan.end());
    plan.memory = budget.bytes;
    plan.part_keys = schedule::FrameKeys(job_, plan, time_of()).part_keys();
    return plan;
  }

  // nullopt for a plan that is damaged or too old. Everything in a plan follows from the job and its files,
  // so it can be made anew. Parts and frames are found by their keys.
  std::optional<schedule::Plan> stored_plan() const {
    try {
      return schedule::read_plan(work_.plan());
    } catch (const DataError& error) {
      work_.expect_no_foreign_files();
      log_warning(std::string(error.what()) + "; the plan is made anew");
      return {};
    }
  }

  schedule::FrameKeys::TimeOf time_of() const {
    return [this](std::int64_t frame, double seconds) { return timeline_->at(frame, seconds); };
  }

  void tell_changes(const schedule::Plan& before, const schedule::Plan& now) {
    options_.tells_ranges = true;
    for (const auto& line : prepare::changes_of(before, job_, now, *timeline_)) log_info(line);
  }

  const job::Job& job_;
  RenderOptions options_;
  const work::WorkFolder work_;
  media::VideoInfo info_;
  std::optional<footage::Timeline> timeline_;  // timeline of the source that info_ describes
};

}  // namespace

RenderResult render(const job::Job& job, const RenderOptions& options) {
  return image::with_torch_errors([&] {
    return Render(job, work::WorkFolder(work::work_folder_beside(job.output.path)), options).run();
  });
}

schedule::Plan prepare_plan(const job::Job& job, const work::WorkFolder& work, work::WorkLock& lock,
                            const RenderOptions& options) {
  return image::with_torch_errors([&] {
    std::shared_ptr<model::ObjectiveSet> objectives;
    return Render(job, work, options).prepare(lock, objectives);
  });
}

}  // namespace dreamreel::render
