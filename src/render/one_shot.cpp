#include "dreamreel/render/one_shot.h"

#include <utility>

#include "dreamreel/footage/shots.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/render/pieces.h"
#include "dreamreel/work/work_lock.h"

namespace dreamreel::render {
namespace {

// The frames as one shot. Without cuts to be found, the source is not read for it.
schedule::FirstPass pass_of_one_shot(const job::Job& job, const schedule::Loop& loop,
                                     const RenderOptions& options) {
  job::Job uncut = job;
  uncut.temporal.cuts = {};
  uncut.temporal.cuts.found = false;
  const auto source = footage::open_source_in_background(uncut, options.frames.begin, options.stop, loop);
  auto pass = footage::find_shots(*source, uncut, options.frames, options.stop, nullptr);
  pass.shot_start = options.frames.begin;
  pass.run_in.clear();
  pass.loop.crossfade = 0;
  return pass;
}

}  // namespace

RenderResult render_shot(const job::Job& job, std::shared_ptr<model::ObjectiveSet> objectives,
                         const schedule::Loop& loop, const RenderOptions& options) {
  return image::with_torch_errors([&] {
    // Nobody goes on with these frames later, so the plan need not tell other files from these.
    schedule::Facts facts;
    facts.range = options.frames;
    auto plan = schedule::plan_of(job, facts, pass_of_one_shot(job, loop, options), options.segment_frames);
    prepare::set_part_keys(job, plan, options.stop);
    const work::WorkFolder work(work::work_folder_beside(job.output.path));
    const work::WorkLock lock(work.lock(), job.output.path.string(), options.stop);
    auto how = options;
    how.stop = lock.stop();
    return render_pieces(job, plan, plan.pieces, work, how, std::move(objectives));
  });
}

}  // namespace dreamreel::render
