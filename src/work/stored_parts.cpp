#include "dreamreel/work/stored_parts.h"

#include <fmt/core.h>

#include "dreamreel/core/blob_cache.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/media/output_check.h"
#include "dreamreel/media/parts.h"

namespace dreamreel::work {

bool has_label(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work) {
  const auto found = media::label_of_part(work.part(segment));
  return found && found->substr(0, found->find('\n')) == WorkFolder::label(plan, segment);
}

std::string facts_of_part(const schedule::Segment& segment, const WorkFolder& work,
                          const job::Output& output) {
  std::string facts = facts_of_file(work.part(segment));
  if (facts.empty() || media::parts_hold_frames(output.path)) return facts;
  if (!media::is_number_pattern(output.path)) return facts + facts_of_file(output.path);
  for (std::int64_t frame = segment.begin; frame < segment.end; ++frame)
    facts += facts_of_file(media::picture_of_number(output.path, output.first_number + frame));
  return facts;
}

PartState part_state(const schedule::Plan& plan, const schedule::Segment& segment, const WorkFolder& work,
                     const std::filesystem::path& output) {
  std::error_code ignored;
  if (!std::filesystem::exists(work.part(segment), ignored)) return PartState::missing;
  const std::string label = WorkFolder::label(plan, segment);
  if (!has_label(plan, segment, work) && media::label_of_part(work.part(segment)))
    return PartState::of_another;
  try {
    const auto frames = media::check_part(work.part(segment), label, output);
    if (frames == segment.end - segment.begin) return PartState::whole;
    log_warning(fmt::format("the part {} holds {} frames, expected {}", work.part(segment).string(), frames,
                            segment.end - segment.begin));
  } catch (const Error& error) {
    log_warning(error.what());
  }
  return PartState::damaged;
}

bool pieces_are_done(const schedule::Plan& plan, const std::vector<schedule::Piece>& pieces,
                     const WorkFolder& work, const std::filesystem::path& output) {
  for (const auto& piece : pieces)
    for (const auto& segment : schedule::segments_of(plan, piece))
      if (part_state(plan, segment, work, output) != PartState::whole) return false;
  return true;
}

}  // namespace dreamreel::work
