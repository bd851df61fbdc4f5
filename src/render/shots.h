// The first pass over a source: where its shots are, and what is known only once all of it was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dreamreel/render/plan.h"
#include "source.h"

namespace dreamreel::render {

struct FirstPass {
  std::vector<Shot> shots;  ///< of the range; at least one
  Loop loop;
  std::vector<Shot> run_in;     ///< of a loop, see Plan
  std::int64_t shot_start = 0;  ///< where the shot that the range begins in starts
  std::int64_t first_pts = 0;
  double first_seconds = 0;
  std::string damage;
};

/// px, media::ReaderOptions::longest_side of the source that cuts are looked for in: twice what flow::CutDetector reduces it
/// to. All who look for cuts take the same, or they would find others.
inline constexpr int kThumbnailSide = 192;

/// Reads `source` from its first frame to the end of the range. Cuts are those of the whole clip, wherever the range
/// begins. Throws UsageError if the range holds no frame, Interrupted.
FirstPass find_shots(FrameSource& source, const job::Temporal& temporal, const FrameRange& range,
                     const std::atomic<bool>* stop, ProgressSink* progress,
                     const std::atomic<bool>* unwanted = nullptr);

/// From options.shots_cache if it is of the same source, else by find_shots(), and then put there.
FirstPass first_pass(const job::Job& job, const Facts& facts, const PlanOptions& options);

/// The cache's text. `key` is what it depends on.
std::string to_json(const std::string& key, const FirstPass& pass);
/// nullopt if it is of something else, or damaged.
std::optional<FirstPass> first_pass_from_json(std::string_view text, const std::string& key);

}  // namespace dreamreel::render
