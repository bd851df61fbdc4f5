#include "dreamreel/render/join.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <vector>

#include "deliver.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/core/stopping.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/job/outputs.h"
#include "dreamreel/media/parts.h"
#include "dreamreel/prepare/writer_options.h"

namespace dreamreel::render {

namespace {

// The machine that made a part, from the part's label.
std::string machine_in(const std::string& label) {
  const auto line = label.find('\n');
  return line == std::string::npos ? "" : printable(label.substr(line + 1));
}

void tell_machines(const std::set<std::string>& machines) {
  if (machines.size() < 2) return;
  std::string text = "the parts were made in different ways, so that pixels may differ by their last bits:";
  for (const auto& machine : machines) text += "\n  " + machine;
  log_info(text);
}

}  // namespace

void join_pieces(const job::Job& job, const schedule::Plan& plan, const work::WorkFolder& work,
                 const RenderOptions& options) {
  const TraceSpan span(options.trace, Trace::Track::output, "join");
  std::vector<std::filesystem::path> parts;
  std::set<std::string> machines;
  std::int64_t frames = 0;
  for (const auto& piece : plan.pieces)
    for (const auto& segment : schedule::segments_of(plan, piece)) {
      throw_if_stopped(options.stop, "interrupted while joining");
      parts.push_back(work.part(segment));
      frames += media::check_part(parts.back(), work::WorkFolder::label(plan, segment), job.output.path);
      machines.insert(machine_in(media::label_of_part(parts.back()).value_or("")));
    }
  tell_machines(machines);
  if (frames != plan.frame_count())
    throw DataError(fmt::format("the parts hold {} frames, but the plan has {}", frames, plan.frame_count()));
  const auto source = footage::open_source_in_background(job, plan.begin(), options.stop, plan.loop);
  if (job::has_several_outputs(job)) return deliver(job, plan, work, parts, source->info(), options);
  const std::int64_t first = job.output.first_number;
  media::remove_output_leftovers(job.output.path, first + plan.begin(), first + plan.end());
  media::join_parts(
      parts, prepare::writer_options(job, source->info(), plan.facts.range, plan.first_seconds, plan.begin()),
      prepare::info_of_range(source->info(), plan.facts.range), options.stop);
}

}  // namespace dreamreel::render
