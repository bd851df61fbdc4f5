// JSON values that plans and first passes have in common. The text may come from a stranger. Each function
// throws DataError if a value is out of range, and passes on what nlohmann::json throws for a value of
// another type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

constexpr std::int64_t kMostFrames = std::int64_t{1} << 40;  ///< far beyond any clip, far below overflow

std::int64_t whole_of(const nlohmann::json& value);
/// `least` is below 0 if the frame may lie in a loop's run-in.
std::int64_t frame_of(const nlohmann::json& value, std::int64_t least = 0);
/// A time stamp. Its range is bounded, so that differences of time stamps do not overflow.
std::int64_t pts_of(const nlohmann::json& value);

/// At least one shot; the shots follow each other without a gap.
std::vector<Shot> shots_of(const nlohmann::json& list);
/// The shots of the run-in of `loop`; may be empty.
std::vector<Shot> run_in_of(const nlohmann::json& list, const Loop& loop);
nlohmann::json shots_to_json(const std::vector<Shot>& shots);

/// Cross-fades in order; may be empty.
std::vector<Fade> fades_of(const nlohmann::json& list);
nlohmann::json fades_to_json(const std::vector<Fade>& fades);

Loop loop_of(const nlohmann::json& list);
nlohmann::json loop_to_json(const Loop& loop);

/// The text of a file: `root`, with a checksum over everything else in it. The checksum is needed because a
/// damaged number is often still a number.
std::string sealed_text(nlohmann::json root);
/// Throws DataError if `root` holds a checksum that does not fit. Returns whether `root` holds a checksum.
bool expect_seal_fits(nlohmann::json root);
Clock clock_of(const nlohmann::json& list);
nlohmann::json clock_to_json(const Clock& clock);

}  // namespace dreamreel::schedule
