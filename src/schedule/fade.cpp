#include "dreamreel/schedule/fade.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dreamreel/core/error.h"
#include "dreamreel/job/curves.h"
#include "dreamreel/schedule/plan.h"

namespace dreamreel::schedule {
namespace {

// The number of the shot that fades in, or -1 if none of its frames is in the plan.
std::int64_t incoming_shot(const Plan& plan, const Fade& fade) {
  for (std::size_t i = 0; i < plan.shots.size(); ++i) {
    const Shot& shot = plan.shots[i];
    const bool begins = i == 0 ? fade.begin <= shot.begin && fade.end > shot.begin : fade.begin == shot.begin;
    if (begins) return static_cast<std::int64_t>(i);
  }
  return -1;
}

void give_to_outgoing(std::vector<Piece>& pieces, const Plan& plan, const Fade& fade, std::int64_t shot,
                      std::int64_t first_start) {
  const std::int64_t end = std::min(fade.end, plan.end());
  bool is_first = true;
  for (auto& piece : pieces) {
    if (piece.shot != shot || piece.begin >= end) continue;
    piece.begin = std::min(end, piece.end);
    if (is_first) piece.start = fade.begin;
    is_first = false;
  }
  // Of several pieces of a shot, the last one fades out.
  const auto after = std::ranges::find_if(pieces, [&](const Piece& piece) { return piece.shot == shot; });
  if (after != pieces.begin()) {
    std::prev(after)->end = end;
  } else {
    pieces.insert(pieces.begin(), {first_start, plan.begin(), end, shot});
  }
}

}  // namespace

std::vector<Piece> with_fades(std::vector<Piece> pieces, const Plan& plan, std::int64_t first_start) {
  for (const auto& fade : plan.fades)
    if (const std::int64_t shot = incoming_shot(plan, fade); shot >= 0)
      give_to_outgoing(pieces, plan, fade, shot, first_start);
  // Only now, because a piece whose frames are all in one fade may fade out in the next one.
  std::erase_if(pieces, [](const Piece& piece) { return piece.begin >= piece.end; });
  return pieces;
}

const Fade* fade_out_of(const Plan& plan, const Piece& piece) {
  const auto found = std::ranges::find_if(plan.fades, [&](const Fade& fade) {
    return piece.start < fade.begin && piece.end > fade.begin && piece.end <= fade.end;
  });
  return found == plan.fades.end() ? nullptr : &*found;
}

Piece incoming_of(const Plan& plan, const Fade& fade) {
  return {fade.begin, fade.begin, std::min(fade.end, plan.end()),
          std::max<std::int64_t>(0, incoming_shot(plan, fade))};
}

bool is_of_scenes(const curve::Curve& curve, const job::Cuts& cuts) {
  const auto& keys = curve.keys();
  const auto is_cut = [&](const auto& key) {
    return std::ranges::find(cuts.times, key.time) != cuts.times.end();
  };
  const auto holds = [](const auto& key) { return key.ease == curve::Ease::hold; };
  return keys.size() > 1 && std::all_of(keys.begin(), keys.end() - 1, holds) &&
         std::ranges::all_of(keys.begin() + 1, keys.end(), is_cut);
}

job::Job outgoing_job(const job::Job& job, const Fade& fade) {
  const auto& times = job.temporal.cuts.times;
  const auto is_there = [&](std::size_t cut) { return cut < times.size(); };
  if (!std::ranges::all_of(fade.cuts, is_there)) throw DataError("a cross-fade at a cut that the job lacks");
  // One frame may have cuts in several units, and the curves may be written in any of them.
  const auto is_at_fade = [&](const auto& key) {
    return std::ranges::any_of(fade.cuts, [&](std::size_t cut) { return times[cut] == key.time; });
  };
  job::Job outgoing = job;
  for (const auto& named : job::list_curves(outgoing)) {
    if (!is_of_scenes(*named.curve, job.temporal.cuts)) continue;
    auto keys = named.curve->keys();
    keys.erase(std::find_if(keys.begin() + 1, keys.end(), is_at_fade), keys.end());
    *const_cast<job::Curve*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast): it is in `outgoing`
        named.curve) = curve::Curve(std::move(keys));
  }
  return outgoing;
}

}  // namespace dreamreel::schedule
