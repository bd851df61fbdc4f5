// What plans and first passes have in common as JSON. What is read was written by a stranger: each function throws DataError
// for a value out of its range, and what nlohmann::json throws for one of another type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

constexpr std::int64_t kMostFrames = std::int64_t{1} << 40;  ///< far beyond any clip, far below overflow

std::int64_t whole_of(const nlohmann::json& value);
/// `least` is below 0 where a loop's run-in may be meant.
std::int64_t frame_of(const nlohmann::json& value, std::int64_t least = 0);
/// A time stamp, from which others are subtracted.
std::int64_t pts_of(const nlohmann::json& value);

/// At least one shot.
std::vector<Shot> shots_of(const nlohmann::json& list);
/// The shots of the run-in of `loop`; may be empty.
std::vector<Shot> run_in_of(const nlohmann::json& list, const Loop& loop);
nlohmann::json shots_to_json(const std::vector<Shot>& shots);

Loop loop_of(const nlohmann::json& list);
nlohmann::json loop_to_json(const Loop& loop);

/// The text of a file: `root`, with a checksum of all else that is in it. A damaged number is a number too.
std::string sealed_text(nlohmann::json root);
/// Throws DataError where the checksum that `root` holds does not fit; returns whether it holds one.
bool expect_seal_fits(nlohmann::json root);
Clock clock_of(const nlohmann::json& list);
nlohmann::json clock_to_json(const Clock& clock);

}  // namespace dreamreel::schedule
