#include "dreamreel/work/outstanding.h"

#include "dreamreel/core/stopping.h"
#include "dreamreel/work/stored_note.h"
#include "dreamreel/work/stored_parts.h"

namespace dreamreel::work {

schedule::Stored stored_in(const WorkFolder& work, const schedule::Plan& plan, KeyOf key_of,
                           const std::filesystem::path& output, const std::atomic<bool>* stop, Look look) {
  schedule::Stored stored;
  stored.has_part = [&work, &plan, &output, stop, look](const schedule::Segment& segment) {
    throw_if_stopped(stop, "interrupted while checking what is there");
    if (look == Look::labels) return has_label(plan, segment, work);
    return part_state(plan, segment, work, output) == PartState::whole;
  };
  stored.drawing_of = [&work, key_of = std::move(key_of), stop,
                       look](std::int64_t frame) -> std::optional<std::int64_t> {
    throw_if_stopped(stop, "interrupted while checking what is there");
    if (look == Look::labels)
      return work.is_labelled(key_of(frame), frame) ? std::optional(frame) : std::nullopt;
    const auto picture = work.load(key_of(frame), frame);
    if (!picture) return {};
    return drawing_in(picture->note).value_or(frame);
  };
  return stored;
}

schedule::Outstanding find_outstanding(const schedule::Plan& plan, const schedule::Cadence& cadence,
                                       const std::vector<schedule::Piece>& pieces, const WorkFolder& work,
                                       KeyOf key_of, const std::filesystem::path& output,
                                       const std::atomic<bool>* stop, Look look) {
  return schedule::find_outstanding(plan, cadence, pieces,
                                    stored_in(work, plan, std::move(key_of), output, stop, look));
}

}  // namespace dreamreel::work
