// What the first pass over a source finds: its shots, its loop and the times of its frames. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/schedule/clock.h"
#include "dreamreel/schedule/fade.h"
#include "dreamreel/schedule/loop.h"
#include "dreamreel/schedule/ranges.h"

namespace dreamreel::schedule {

struct FirstPass {
  std::vector<Shot> shots;  ///< shots of the rendered range; at least one
  Loop loop;
  std::vector<Shot> run_in;     ///< shots of a loop's run-in; see Plan::run_in
  std::vector<Fade> fades;      ///< cross-fades that end within the range or behind it
  std::int64_t shot_start = 0;  ///< first frame of the shot in which the range begins
  /// The end of the shot in which the range ends. The first pass looks at a limited number of frames behind
  /// the range; a shot that goes on there counts as ending with the last of these frames.
  std::int64_t shot_end = 0;
  std::int64_t first_pts = 0;
  double first_seconds = 0;
  std::string damage;
  Clock clock;
  /// The times of all frames in seconds, beginning with the first frame of the run-in. Empty if all frames
  /// lie on the clock's grid.
  std::vector<double> seconds;
  /// False if frames were passed over without reading their times, so that they may not lie on the grid.
  bool has_times = true;
};

/// Collects the shots of a first pass. add() gets one verdict for each frame in order, beginning with the
/// first frame of the run-in.
class ShotList {
 public:
  /// `pass` must outlive the list, and its loop must be set. add() fills in its shots, run_in, shot_start and
  /// shot_end.
  ShotList(const FrameRange& range, FirstPass& pass);
  /// `fade`: the cross-fade that the job asks for at this cut. The first frame of all and the frames of a
  /// run-in have none.
  void add(bool is_cut, const std::optional<AskedFade>& fade = {});

 private:
  void take_fade(std::int64_t index, const std::optional<AskedFade>& fade);

  const FrameRange range_;
  FirstPass& pass_;
  std::int64_t index_;
  std::int64_t shot_;          // first frame of the shot
  bool is_shot_over_ = false;  // a cut behind the range
};

/// Sets `pass.seconds` and `pass.has_times`. The clock of `pass` must be set. `seconds` holds the times of
/// all frames, beginning with the first frame of the run-in. Times on the clock's grid are dropped, because
/// the clock gives them.
void set_times(FirstPass& pass, std::vector<double> seconds);

/// The text in which a first pass is kept. `key` names everything that the pass depends on.
std::string to_json(const std::string& key, const FirstPass& pass);
/// The first pass in such a text; nullopt if the text is damaged, or was written under another key.
std::optional<FirstPass> first_pass_from_json(std::string_view text, const std::string& key);

}  // namespace dreamreel::schedule
