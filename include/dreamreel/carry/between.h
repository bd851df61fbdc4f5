// Fills in a frame between two dreamed frames, from both of them. Pure functions; tensors as in
// image/frame.h.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/carry/motion.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/image/resample.h"

namespace dreamreel::carry {

/// A dreamed frame as seen from a frame in between.
struct Neighbour {
  at::Tensor dreamed, source;  ///< (3,H,W); source is undefined for pure feedback
  /// (2,H,W) px: for each pixel of the frame in between, its position in this frame. Undefined: the same
  /// position.
  at::Tensor positions;
  at::Tensor reliability;  ///< (1,H,W) in [0,1], 0 where `positions` lie outside; undefined: 1
  double share = 0.5;      ///< weight by time, in [0,1]: 1 right beside this frame, 0 beside the other one
};

/// The first part of a step at even speed. `share` is in [0,1].
image::CameraStep part_of(const image::CameraStep& step, double share);

/// The step that undoes `step`. It maps positions in the current frame to positions in the previous one.
image::CameraStep inverse(const image::CameraStep& step, const image::Size& size);

/// The dreamed frame before. `camera` and `motion` lead from it to the frame in between.
Neighbour neighbour_behind(const at::Tensor& dreamed, const at::Tensor& source,
                           const image::CameraStep& camera, const Motion& motion, double share);

/// The dreamed frame after. `camera` leads from the frame in between to it. `motion` is
/// AnalysedFrame::motion_ahead of the frame in between. Let c be the camera's map of positions and g the flow
/// from the frame in between. Then position p is found at u + g(u) with u = c^-1(p), because the camera has
/// moved the flow that carried the dream there.
Neighbour neighbour_ahead(const at::Tensor& dreamed, const at::Tensor& source,
                          const image::CameraStep& camera, const Motion& motion, double share);

/// The frame in between: its own source, plus what each dream added to its source. Each addition is weighted
/// by its reliability and by its share in time. Where neither addition can be trusted, only the source
/// remains. Without a source, the two dreams themselves are mixed, by time alone where neither can be
/// trusted.
at::Tensor filled(const at::Tensor& source, const Neighbour& before, const Neighbour& after,
                  const footage::Outside& outside, const RandomKey& key);

/// Sharpens `picture`, (3,H,W), with an unsharp mask of 0.7 px. This is needed because a resampled picture is
/// softer than a dream. Without a source that hides the difference, the video would pulse. The amount, at
/// most 1, gives the picture's Laplacian the power between the powers of the two dreams, by time. A picture
/// that has this power already is returned unchanged.
at::Tensor sharpened_between(const at::Tensor& picture, const Neighbour& before, const Neighbour& after);

}  // namespace dreamreel::carry
