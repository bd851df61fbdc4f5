#include "dreamreel/render/one_frame.h"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "dreamer.h"
#include "dreamreel/carry/analysis.h"
#include "dreamreel/core/error.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/prepare/check_size.h"
#include "dreamreel/prepare/memory.h"

namespace dreamreel::render {

OneFrame read_frame(const job::Job& job, std::int64_t frame, const std::optional<schedule::Loop>& loop) {
  const auto source = footage::open_source(job, frame, loop);
  OneFrame found;
  found.info = source->info();
  found.loop = source->loop();
  const std::int64_t before = frame + found.loop.run_in;  // the source begins with the run-in
  const bool is_there = before >= 0 && source->skip(before) == before;
  auto read = is_there ? source->next() : std::nullopt;
  if (!read)
    throw UsageError(
        fmt::format("expected a frame of the source, got frame {}{}", frame,
                    found.info.frame_count ? fmt::format(" of {}", *found.info.frame_count) : ""));
  found.frame = *std::move(read);
  return found;
}

at::Tensor dream_frame(const job::Job& job, model::ObjectiveSet& objectives, const OneFrame& frame,
                       const dream::StepObserver& observer) {
  return image::with_torch_errors([&] {
    prepare::check_size(job, objectives, frame.info);
    const footage::Timeline timeline(job, frame.info);
    const auto limit =
        prepare::pass_limit(job, objectives, frame.info, prepare::memory_budget(0, objectives.device()));
    Dreamer dreamer(job, objectives, timeline, frame.info, frame.loop, limit);
    carry::AnalysedFrame analysed;
    analysed.step.frame = frame.frame.index;
    analysed.step.piece = {frame.frame.index, frame.frame.index, frame.frame.index + 1, 0};
    analysed.step.action = schedule::FrameStep::Action::dream;
    analysed.step.is_dreamed = analysed.step.is_shown = true;
    analysed.frame = frame.frame;
    return dreamer.dream(analysed, observer).output;
  });
}

}  // namespace dreamreel::render
