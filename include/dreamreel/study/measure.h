// What `dreamreel measure` says about a finished video: how steady, how sharp, how far from its source, and
// whether it drifts. Works on streams of frames (image/frame.h), so that neither a decoder nor a whole clip
// in memory is needed; on one thread. What the numbers mean is said beside them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/flow/flow.h"

namespace dreamreel::study {

/// The next frame, float32 (3,H,W) in [0,1] on the CPU, or nullopt at the end. What it throws is passed on.
using FrameStream = std::function<std::optional<at::Tensor>()>;

struct MeasureOptions {
  flow::FlowOptions flow;
  std::int64_t settle_frames =
      30;  ///< frames at the start of a shot that may still change before drift is counted
};

struct FrameMeasure {
  bool is_cut = false;  ///< the frame begins a new shot (never the first frame)
  /// Mean squared difference between this frame and the previous one moved along the flow, over what the
  /// flow's reliability trusts (0 = perfectly steady). None for the first frame of a shot, and where nothing
  /// can be trusted.
  std::optional<double> warping_error;
  /// The same against the frames 8 and 24 before, of the same shot. The flow is found between these two
  /// frames directly (flow/distant.h), and the error is taken where both show the same. (Lai et al. 2018
  /// measure the error against the first frame.)
  std::optional<double> warping_error_8, warping_error_24;
  /// Of what this frame uncovers and the frame 8 or 24 before shows: the correlation of what the dream adds
  /// to the source with what it added there then (1: it is the same dream), and its strength, as a share of
  /// what it was. None without a source, and where less than 1/500 of the frame is uncovered so.
  std::optional<double> memory, depth;
  double sharpness = 0;  ///< variance of the 4-neighbour Laplacian of luma; 0 for sides below 3
  std::optional<double>
      psnr_db;       ///< to the source frame, over R'G'B'; infinite for equal frames; none without a source
  double level = 0;  ///< mean luma
  double contrast = 0;  ///< standard deviation of luma
  /// Relative change of level and contrast since the frame `settle_frames` after the start of the shot, over
  /// the pixels where the source still is what it was then (all pixels without a source): +0.03 is 3 %
  /// brighter. None before that frame, and where less than 1/20 of the frame is still.
  std::optional<double> level_drift, contrast_drift;
};

struct Measurement {
  double frames_per_second = 0;  ///< of the output; 0 where measure() was given frames alone
  std::vector<FrameMeasure> frames;
  std::optional<double> warping_error;                      ///< mean over the frames that have one
  std::optional<double> warping_error_8, warping_error_24;  ///< the same
  std::optional<double> memory, depth;                      ///< of all that was uncovered
  double sharpness = 0;                                     ///< mean
  std::optional<double> psnr_db;                            ///< of the mean squared error of all frames
  std::optional<double> level_drift, contrast_drift;        ///< largest magnitude of any frame, >= 0
  std::string note;  ///< one line on what could not be compared; "" if nothing
};

/// Measures `output` against `source`, frame by frame, until one of them ends. Flow and cuts come from the
/// source; without a source (an empty function, as for a job that starts from noise) from the output itself,
/// which then judges its own motion: compare such numbers only with each other. Throws DataError (65) if the
/// output has no frame, or the frames of the two differ in size.
Measurement measure(const FrameStream& output, const FrameStream& source, const MeasureOptions& options = {});

}  // namespace dreamreel::study
