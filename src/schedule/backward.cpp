#include "dreamreel/schedule/backward.h"

#include <algorithm>

#include "dreamreel/schedule/feedback.h"

namespace dreamreel::schedule {
namespace {

std::int64_t last_dreamed(const BackwardPass& pass, const Cadence& cadence, const Piece& piece) {
  return cadence.dreamed_before(piece, pass.end);
}

// The end of the segment in which a frame lies, if no piece ended before.
std::int64_t end_of_segment(std::int64_t frame, std::int64_t segment_frames) {
  return (frame / segment_frames + 1) * segment_frames;
}

BackwardPass pass_at(const Plan& plan, const Piece& piece, std::int64_t frame) {
  const std::int64_t border = end_of_segment(frame, plan.segment_frames);
  return {std::max(std::max<std::int64_t>(0, piece.start), border - plan.segment_frames),
          std::min(border + kBackwardLead, end_of_shot(plan, piece))};
}

}  // namespace

bool dreams_backward(const job::Job& job) {
  return job.temporal.passes > 1 && is_carried(job) && !is_feedback(job) && !job.temporal.marks &&
         !job.temporal.maps && !job.dream.show_masks;
}

std::int64_t end_of_shot(const Plan& plan, const Piece& piece) {
  const auto behind = static_cast<std::size_t>(piece.shot) + 1;
  return behind < plan.shots.size() ? plan.shots[behind - 1].end : std::max(plan.end(), plan.last_look);
}

std::int64_t last_look(std::int64_t range_end, std::int64_t shot_end, std::int64_t segment_frames) {
  return std::min({shot_end, end_of_segment(range_end - 1, segment_frames) + kBackwardLead,
                   range_end + kMostLookedAtBehind});
}

std::optional<BackwardPass> backward_pass_of(const Plan& plan, const Cadence& cadence, const Piece& piece,
                                             std::int64_t frame) {
  if (frame < 0 || is_of_twins(plan.loop, frame)) return {};
  const auto pass = pass_at(plan, piece, frame);
  return frame < last_dreamed(pass, cadence, piece) ? std::optional(pass) : std::nullopt;
}

std::vector<std::int64_t> dreamed_backward(const BackwardPass& pass, const Cadence& cadence,
                                           const Piece& piece, std::int64_t lowest) {
  std::vector<std::int64_t> frames;
  for (auto frame = last_dreamed(pass, cadence, piece); frame >= std::max(lowest, pass.begin);
       frame = cadence.dreamed_before(piece, frame))
    frames.push_back(frame);
  return frames;
}

std::int64_t count_backward(const Plan& plan, const Cadence& cadence, const Piece& piece, std::int64_t begin,
                            std::int64_t end) {
  std::int64_t count = 0;
  for (std::int64_t frame = std::max<std::int64_t>(0, begin); frame < end;) {
    std::int64_t lowest = frame;
    const std::int64_t border = std::min(end, end_of_segment(frame, plan.segment_frames));
    while (lowest < border && !backward_pass_of(plan, cadence, piece, lowest)) ++lowest;
    if (const auto pass = lowest < border ? backward_pass_of(plan, cadence, piece, lowest) : std::nullopt)
      count += static_cast<std::int64_t>(dreamed_backward(*pass, cadence, piece, lowest).size());
    frame = border;
  }
  return count;
}

}  // namespace dreamreel::schedule
