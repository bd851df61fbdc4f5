#include "dreamreel/work/outstanding.h"

#include "dreamreel/core/stopping.h"
#include "dreamreel/work/stored_note.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::work {

schedule::Stored stored_in(const WorkFolder& work, const schedule::Plan& plan,
                           const std::filesystem::path& output, const std::atomic<bool>* stop) {
  schedule::Stored stored;
  stored.has_part = [&work, &plan, &output, stop](const schedule::Segment& segment) {
    throw_if_stopped(stop, "interrupted while checking what is there");
    return part_state(plan, segment, work, output) == PartState::whole;
  };
  stored.drawing_of = [&work, &plan](std::int64_t frame) -> std::optional<std::int64_t> {
    const auto picture = work.load(plan, frame);
    if (!picture) return {};
    return drawing_in(picture->note).value_or(frame);
  };
  return stored;
}

schedule::Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                                       const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                                       const std::filesystem::path& output, const std::atomic<bool>* stop) {
  return schedule::find_outstanding(plan, cadence, pieces, stored_in(work, plan, output, stop));
}

}  // namespace dreamreel::work
