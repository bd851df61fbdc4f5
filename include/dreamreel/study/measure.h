// Measures a finished video for `dreamreel measure`: how steady and how sharp it is, how far from its source,
// and whether it drifts. Works on streams of frames (image/frame.h), so it needs neither a decoder nor a
// whole clip in memory. It runs on one thread. The comments at the members define the numbers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/flow/flow_estimator.h"

namespace dreamreel::study {

/// Returns the next frame, float32 (3,H,W) in [0,1] on the CPU, or nullopt at the end. Its exceptions are
/// passed on.
using FrameStream = std::function<std::optional<at::Tensor>()>;

struct MeasureOptions {
  flow::FlowOptions flow;
  /// Frames at the start of a shot that may still change before drift is measured.
  std::int64_t settle_frames = 30;
};

struct FrameMeasure {
  bool is_cut = false;  ///< the frame begins a new shot; never true for the first frame
  /// Mean squared difference between this frame and the previous one moved along the flow, over the pixels
  /// that the flow's reliability trusts. 0 is perfectly steady. nullopt for the first frame of a shot, and if
  /// less than 1/20 of the frame can be trusted.
  std::optional<double> warping_error;
  /// The same against the frames 8 and 24 before, within the shot. The flow is found between the two frames
  /// directly (flow/distant.h), and only places count that both frames show. (Lai et al. 2018 measure the
  /// error against the first frame.)
  std::optional<double> warping_error_8, warping_error_24;
  /// For places that this frame uncovers and that the frame 8 or 24 before shows. `memory` is the correlation
  /// of what the dream adds to the source here and what it added there; 1 is the same dream. `depth` is the
  /// strength of the first as a share of the second. nullopt without a source, and if less than 1/500 of the
  /// frame is such a place.
  std::optional<double> memory, depth;
  double sharpness = 0;  ///< variance of luma's 4-neighbour Laplacian; 0 for sides below 3 px
  /// To the source frame, over R'G'B'. Infinite for equal frames; nullopt without a source.
  std::optional<double> psnr_db;
  double level = 0;     ///< mean luma, in [0,1]
  double contrast = 0;  ///< standard deviation of luma
  /// Relative change of level and contrast since frame `settle_frames` of the shot: +0.03 is 3 % brighter.
  /// Only pixels count where the source is still as it was then; without a source, all pixels count. nullopt
  /// before that frame, and if less than 1/20 of the frame is still.
  std::optional<double> level_drift, contrast_drift;
};

struct Measurement {
  double frames_per_second = 0;  ///< of the output; 0 if measure() only got frames
  std::vector<FrameMeasure> frames;
  std::optional<double> warping_error;                      ///< mean over the frames that have one
  std::optional<double> warping_error_8, warping_error_24;  ///< likewise
  std::optional<double> memory, depth;                      ///< over all uncovered places of all frames
  double sharpness = 0;                                     ///< mean
  std::optional<double> psnr_db;                            ///< of the mean squared error over all frames
  std::optional<double> level_drift, contrast_drift;        ///< largest magnitude of any frame, >= 0
  std::string note;  ///< one line about parts that could not be compared; "" if none
};

/// Measures `output` against `source`, frame by frame, until one of them ends. Flow and cuts come from the
/// source. Without a source (an empty function, for a job that starts from noise) they come from the output,
/// which then judges its own motion; compare such numbers only with each other. Throws DataError (65) if the
/// output has no frame, or if the two differ in frame size.
Measurement measure(const FrameStream& output, const FrameStream& source, const MeasureOptions& options = {});

}  // namespace dreamreel::study
