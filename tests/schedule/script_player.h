// Carries the script of a render out in numbers alone, and complains about a step that is impossible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dreamreel/schedule/script.h"

namespace dreamreel::schedule {

/// What a script is made of, and the source that it is about.
struct ScriptWorld {
  job::Job job;
  Plan plan;
  Cadence cadence{1, {}};
  std::uint64_t pictures = 0;  // seed for the pictures of the source

  /// Whether the source shows the same picture at this frame as at the frame dreamed before it.
  bool shows_the_same(std::int64_t frame) const {
    return std::mt19937_64(pictures + static_cast<std::uint64_t>(frame + 64))() % 2 == 0;
  }
};

/// The contents of a work folder: for each stored frame the frame whose dream it shows, and the first frames
/// of whole parts.
struct StoredFolder {
  std::map<std::int64_t, std::int64_t> frames;
  std::set<std::int64_t> parts;

  Stored stored() const {
    return {[this](const Segment& segment) { return parts.contains(segment.begin); },
            [this](std::int64_t frame) -> std::optional<std::int64_t> {
              const auto found = frames.find(frame);
              if (found == frames.end()) return {};
              return found->second;
            }};
  }
};

/// One run with its steps.
struct ScriptPass {
  Run run;
  std::vector<FrameStep> steps;
};

/// The steps of all runs that a folder's content leaves to do.
std::vector<ScriptPass> script_of(const ScriptWorld& world, const StoredFolder& folder);

/// Carries a script out, as reader, dreamer and writer do, and complains if a step is impossible.
class ScriptPlayer {
 public:
  ScriptPlayer(const ScriptWorld& world, StoredFolder folder) : world_(world), folder_(std::move(folder)) {}

  /// Ends after `most` steps, as if the process was killed.
  void play(const std::vector<ScriptPass>& passes, std::size_t most = SIZE_MAX);

  /// Called after a whole script. Expects each frame in exactly one part.
  void expect_everything();

  const StoredFolder& folder() const { return folder_; }
  std::string complaint;
  /// Every frame that was ever stored, including those thrown away.
  std::map<std::int64_t, std::int64_t> all_stored;

 private:
  bool has_fade(const Run& run) const;
  void complain(const std::string& text);
  void expect(bool is_right, const FrameStep& step, const char* text);
  void play(const FrameStep& step);
  void dream(const FrameStep& step);
  void fill(const FrameStep& step);
  void expect_pull(const FrameStep& step);
  void restore(const FrameStep& step);
  void recall(const FrameStep& step);
  // Stores and encodes the frame, and closes its part.
  void finish(const FrameStep& step);
  void close(const FrameStep& step);

  const ScriptWorld& world_;
  StoredFolder folder_;
  std::vector<FrameStep> between_;
  std::set<std::int64_t> remembered_;  // dreams that later frames may lean on
  std::optional<Piece> piece_;
  std::optional<std::int64_t> state_, before_, shown_by_state_, drawing_, written_, last_decoded_;
};

}  // namespace dreamreel::schedule
