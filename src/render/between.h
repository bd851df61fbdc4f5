// Frames that are filled in between two dreamed ones, from both of them. Pure functions; tensors as in image/frame.h.
#pragma once

#include <ATen/core/Tensor.h>

#include "dreamreel/image/resample.h"
#include "motion.h"

namespace dreamreel::render {

/// A dreamed frame as seen from a frame between.
struct Neighbour {
  at::Tensor dreamed, source;  ///< (3,H,W); source is undefined for pure feedback
  /// (2,H,W) px: where each pixel of the frame between is in it; undefined: at the same place.
  at::Tensor positions;
  at::Tensor reliability;  ///< (1,H,W) in [0,1], 0 where `positions` are outside; undefined: 1
  double share = 0.5;      ///< of it, by time: 1 beside it, 0 beside the other one
};

/// The first so much, from 0 to 1, of a step at even speed.
image::CameraStep part_of(const image::CameraStep& step, double share);

/// What undoes `step`: the positions of the previous frame in the current one.
image::CameraStep inverse(const image::CameraStep& step, const image::Size& size);

/// The dreamed frame before: `camera` and `motion` lead from it to the frame between.
Neighbour neighbour_behind(const at::Tensor& dreamed, const at::Tensor& source,
                           const image::CameraStep& camera, const Motion& motion, double share);

/// The dreamed frame after: `camera` leads from the frame between to it, `motion` is that of MotionFinder::add_ahead(). With
/// c the camera's map of positions and g the flow from the frame between, p is at u + g(u) with u = c^-1(p): the flow that
/// carried the dream there has been moved by the camera too.
Neighbour neighbour_ahead(const at::Tensor& dreamed, const at::Tensor& source,
                          const image::CameraStep& camera, const Motion& motion, double share);

/// The frame between: its own source, and what both dreams added to theirs, each weighted by its reliability and its share
/// in time; the source alone as far as neither can be trusted. Without a source, the two dreams themselves; where neither
/// can be trusted, by time alone.
at::Tensor filled(const at::Tensor& source, const Neighbour& before, const Neighbour& after,
                  image::Border border, const RandomKey& key);

/// `picture` (3,H,W) with an unsharp mask of 0.7 px, of just the amount (at most 1) that gives its Laplacian the power that
/// lies between those of the two dreams, by time; as it is if it has that. What has been resampled is softer than a dream,
/// which would show as pulsing where no source is there to hide it.
at::Tensor sharpened_between(const at::Tensor& picture, const Neighbour& before, const Neighbour& after);

}  // namespace dreamreel::render
