// The first pass over a source, which decodes it and finds its cuts.
#pragma once

#include <atomic>

#include "dreamreel/footage/source.h"
#include "dreamreel/job/job.h"
#include "dreamreel/report/progress.h"
#include "dreamreel/schedule/first_pass.h"

namespace dreamreel::footage {

/// The longer side, in px, of the thumbnails in which cuts are found (media::ReaderOptions::longest_side). It
/// is twice the size to which flow::CutDetector reduces pictures. Every search for cuts must use this value,
/// because other sizes give other cuts.
inline constexpr int kThumbnailSide = 192;

/// Must be raised with every change that finds other cuts. A first pass that was kept under an older number
/// is then ignored.
inline constexpr int kCutRules = 4;

/// Reads `source` from its first frame to the end of the range. The cuts do not depend on where the range
/// begins. Listens to the sound if temporal.cuts reads it. Throws UsageError if the range holds no frame,
/// JobError for cuts that cannot be found, and Interrupted once `stop` or `unwanted` is set.
schedule::FirstPass find_shots(FrameSource& source, const job::Job& job, const schedule::FrameRange& range,
                               const std::atomic<bool>* stop, report::ProgressSink* progress,
                               const std::atomic<bool>* unwanted = nullptr);

}  // namespace dreamreel::footage
