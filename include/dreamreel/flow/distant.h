// Motion between frames that lie far apart, so that what was hidden for a while is found again. In windows,
// since little of a frame was hidden. Tensors on the CPU, in the conventions of image/frame.h; see flow.h for
// the rules of this module.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/overall_shift.h"

namespace dreamreel::flow {

/// A part of a frame.
struct PlaceWindow {
  std::int64_t top = 0, left = 0, height = 0, width = 0;  ///< px
  bool operator==(const PlaceWindow&) const = default;
  std::int64_t area() const { return height * width; }
  /// The window's part of a (C,H,W) tensor, as a view.
  at::Tensor of(const at::Tensor& tensor) const;
};

/// Windows that hold all places where `map` (1,H,W) is above 1/2, with `margin` px around them. They do not
/// overlap. Where they would make up most of the frame, one window is the whole frame. Specks of a few pixels
/// are left out.
std::vector<PlaceWindow> windows_around(const at::Tensor& map, std::int64_t margin);

/// A frame (3,H,W) as distant_flow() takes it: 8-bit luma, (1,H,W).
at::Tensor luma_levels(const at::Tensor& frame);

struct DistantFlow {
  PlaceWindow window;        ///< of the current frame; may be empty
  at::Tensor prev_from_cur;  ///< (2,h,w) px
  at::Tensor trust;          ///< (1,h,w) in [0,1]
};

/// Where the pixels of a window came from, and how far that can be trusted. `shift` is where to look for
/// them. Where the two directions agree, the function keeps the flow. Elsewhere it takes the flow of the
/// neighbourhood: just beside a passing thing, estimated flow is mixed with the motion of that thing. The
/// trust compares both frames over a few pixels. It is 1 up to a difference of 10 of 255 levels, and 0 from
/// a difference of 20.
DistantFlow distant_flow(FlowEstimator& estimator, const at::Tensor& previous_luma,
                         const at::Tensor& current_luma, const PlaceWindow& window, const Shift& shift);

}  // namespace dreamreel::flow
