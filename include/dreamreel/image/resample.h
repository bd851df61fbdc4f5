// Camera and flow, composed into one set of sampling positions and one bicubic resampling. Resampling twice
// blurs twice. See frame.h for the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

#include "dreamreel/core/random.h"
#include "dreamreel/image/pyramid.h"

namespace dreamreel::image {

/// What the camera does between the previous frame and this one.
struct CameraStep {
  double zoom = 1;                      ///< the picture grows by this factor (> 0)
  double rotate_degrees = 0;            ///< the picture turns anticlockwise
  double pan_x = 0, pan_y = 0;          ///< the view moves right/down by this fraction of the width/height
  double pivot_x = 0.5, pivot_y = 0.5;  ///< the fixed point of zoom and rotation, fractions of width/height
  bool is_identity() const { return zoom == 1 && rotate_degrees == 0 && pan_x == 0 && pan_y == 0; }
};

/// What lies outside the previous frame. mirror: reflected about the frame's edge; wrap: tiled; edge: the
/// edge pixel repeated; noise: grey with fresh noise.
enum class Border { mirror, wrap, edge, noise };

/// For every pixel of the current frame the position in the previous frame that it shows, (2,H,W) in pixels:
/// camera and, where given, flow `prev_from_cur` (2,H,W). With c the camera's map from current to previous
/// positions and f the flow, the position of p is c(p + f(p)): the previous dream is moved by the camera
/// first, then carried along the flow.
at::Tensor positions(Size size, const CameraStep& camera, const std::optional<at::Tensor>& flow_prev_from_cur,
                     const at::Device& device);

/// `tensor` (C,H,W) read at `positions` (2,H,W), bicubic (a = -0.75, the kernel of PyTorch), same H and W.
/// Not clamped. With Border::noise the pixels whose position lies outside are replaced by noise_frame(key,
/// Purpose::border_noise).
at::Tensor resample(const at::Tensor& tensor, const at::Tensor& positions, Border border,
                    const RandomKey& key = {});

}  // namespace dreamreel::image
