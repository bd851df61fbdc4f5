// The first pass over a source: decodes it and looks for cuts.
#pragma once

#include <atomic>

#include "dreamreel/job/job.h"
#include "dreamreel/render/progress.h"
#include "dreamreel/render/source.h"
#include "dreamreel/schedule/first_pass.h"

namespace dreamreel::render {

/// px, media::ReaderOptions::longest_side of the source that cuts are looked for in: twice what flow::CutDetector reduces it
/// to. All who look for cuts take the same, or they would find others.
inline constexpr int kThumbnailSide = 192;

/// Raised with every change that finds other cuts, so that what was kept from before is not taken for a
/// present first pass.
inline constexpr int kCutRules = 2;

/// Reads `source` from its first frame to the end of the range. Cuts are those of the whole clip, wherever the range
/// begins. Throws UsageError if the range holds no frame, Interrupted.
schedule::FirstPass find_shots(FrameSource& source, const job::Temporal& temporal,
                               const schedule::FrameRange& range, const std::atomic<bool>* stop,
                               ProgressSink* progress, const std::atomic<bool>* unwanted = nullptr);

}  // namespace dreamreel::render
