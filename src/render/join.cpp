#include "dreamreel/render/join.h"

#include <string>
#include <vector>

#include "dreamreel/core/error.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/render/source.h"
#include "output.h"

namespace dreamreel::render {

void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options) {
  const TraceSpan span(options.trace, Trace::Track::output, "join");
  std::vector<std::filesystem::path> parts;
  std::int64_t frames = 0;
  for (const auto& piece : plan.pieces)
    for (const auto& segment : schedule::segments_of(plan, piece)) {
      throw_if_stopped(options.stop, "interrupted while joining");
      parts.push_back(work.part(segment));
      frames += media::check_part(parts.back(), work::WorkFolder::label(plan, segment), job.output.path);
    }
  if (frames != plan.frame_count())
    throw DataError("the parts hold " + std::to_string(frames) + " frames, but the plan has " +
                    std::to_string(plan.frame_count()));
  const auto source = open_source_in_background(job, plan.begin(), options.stop, plan.loop);
  media::remove_output_leftovers(job.output.path, plan.begin(), plan.end());
  media::join_parts(parts,
                    writer_options(job, source->info(), plan.facts.range, plan.first_seconds, plan.begin()),
                    info_of_range(source->info(), plan.facts.range), options.stop);
}

bool parts_hold_frames(const std::filesystem::path& output) {
  return media::parts_hold_frames(output);
}

}  // namespace dreamreel::render
