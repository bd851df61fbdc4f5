// What is known only once the whole source was read: where its shots are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

struct FirstPass {
  std::vector<Shot> shots;  ///< of the range; at least one
  Loop loop;
  std::vector<Shot> run_in;     ///< of a loop, see Plan
  std::int64_t shot_start = 0;  ///< where the shot that the range begins in starts
  std::int64_t first_pts = 0;
  double first_seconds = 0;
  std::string damage;
  Clock clock;
  /// The times of all frames from the run-in's first one on; empty where they are those of the clock's grid.
  std::vector<double> seconds;
  /// False where frames were passed over without a look at their times, which may not be those of the grid.
  bool has_times = true;
};

/// Puts the shots of a first pass together from a verdict on one frame after the other, beginning with the first frame of
/// the run-in.
class ShotList {
 public:
  /// `pass`, whose loop is set, must outlive it; its shots, run_in and shot_start are filled in.
  ShotList(const FrameRange& range, FirstPass& pass);
  void add(bool is_cut);

 private:
  const FrameRange range_;
  FirstPass& pass_;
  std::int64_t index_;
};

/// Sets `pass.seconds` and `pass.has_times`, of a pass whose clock is set. `seconds` holds all frames' times, from the first
/// one of the run-in on.
void set_times(FirstPass& pass, std::vector<double> seconds);

/// The text that is kept of a first pass. `key` says what the pass depends on.
std::string to_json(const std::string& key, const FirstPass& pass);
/// nullopt if the text is of something else, or damaged.
std::optional<FirstPass> first_pass_from_json(std::string_view text, const std::string& key);

}  // namespace dreamreel::schedule
