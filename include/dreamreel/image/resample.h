// Composes camera and flow into one set of sampling positions, and resamples once with a bicubic kernel,
// because resampling twice blurs twice. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "dreamreel/core/choices.h"
#include "dreamreel/core/random.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {

/// The camera's movement from the previous frame to this one, as seen on the picture. As a map of positions,
/// with the pivot P at (pivot_x W - 0.5, pivot_y H - 0.5) and the rotation R:
///   previous = c(current) = P + R^-1 (current - P) / zoom + (pan_x W, pan_y H)
struct CameraStep {
  double zoom = 1;                      ///< the picture grows by this factor (> 0)
  double rotate_degrees = 0;            ///< the picture turns anticlockwise, as seen on the screen
  double pan_x = 0, pan_y = 0;          ///< the view moves right/down by this fraction of the width/height
  double pivot_x = 0.5, pivot_y = 0.5;  ///< the fixed point of zoom and rotation, fractions of width/height
  bool is_identity() const { return zoom == 1 && rotate_degrees == 0 && pan_x == 0 && pan_y == 0; }
};

/// The smallest zoom with which `step` shows nothing from outside the previous frame. Its rotation, pan and
/// pivot stay. Infinity if no zoom does this (a pan with the pivot at the frame's edge).
double smallest_covering_zoom(Size size, const CameraStep& step);

using dreamreel::Border;
inline bool is_noise(Border border) {
  return border == Border::noise || border == Border::scaled_noise;
}

/// For every pixel of the current frame, the position in the previous frame that it shows: (2,H,W) in px. It
/// combines the camera and, if given, the flow `prev_from_cur` (2,H,W). With c the camera's map from current
/// to previous positions and f the flow, the position of p is c(p + f(p)). So the camera moves the previous
/// dream first, and then the flow carries it.
at::Tensor positions(Size size, const CameraStep& camera, const std::optional<at::Tensor>& flow_prev_from_cur,
                     const at::Device& device);

/// `tensor` (C,H,W) read at `positions` (2,h,w); the result is (C,h,w). The kernel is bicubic: Catmull-Rom
/// with a = -1/2. It moves slow waves by exactly the wanted distance and never amplifies them, however often
/// it is repeated. The result is not clamped, because the kernel overshoots at edges. At whole positions
/// inside the frame, the result is the tensor's own value, bit for bit. So a still camera over zero flow
/// changes nothing, and callers may skip the call. Elsewhere, float32 positions are exact to about 1e-4 px at
/// a width of 4096. With noise (three channels only), `positions` have the tensor's size, and pixels whose
/// position lies outside [-0.5, W-0.5] by [-0.5, H-0.5] come from noise_frame() or scaled_noise_frame(H, W,
/// key, Purpose::border_noise). A `noise_size` other than the tensor's is that of larger frames: white noise
/// is then theirs, scaled down. {}: the tensor's size.
at::Tensor resample(const at::Tensor& tensor, const at::Tensor& positions, Border border,
                    const RandomKey& key = {}, Size noise_size = {});

}  // namespace dreamreel::image
