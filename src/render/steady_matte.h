// Maps of what a network sees, frame by frame, held still along the picture's motion: a network rates every frame anew, so
// its edges flicker.
#pragma once

#include <deque>

#include "dreamreel/flow/flow.h"

namespace dreamreel::render {

/// One thread. Takes frames in their order.
class SteadyMatte {
 public:
  /// Frames before a frame that its matte depends on, at most. Bounded, so that a render may go on anywhere: whoever
  /// begins this many frames earlier gets the same bits.
  static constexpr std::int64_t kFramesBefore = 8;

  /// Forgets every frame, for one that does not follow the last.
  void begin();

  /// The next frame, (3,H,W), and the map of what the network sees in it, (1,H,W) in [0,1]. All of one size.
  void add(const at::Tensor& picture, const at::Tensor& map);

  /// The last frame's map, (1,H,W) in [0,1], blended with those before it: of the frames since kFramesBefore, each takes
  /// most of the matte before it, moved along the flow, where the flow can be trusted, and its own map elsewhere. At a
  /// cut, where hardly any motion can be trusted, the matte begins anew.
  at::Tensor matte() const;

 private:
  struct Frame {
    at::Tensor map;
    at::Tensor positions;  ///< in the frame before, (2,H,W); undefined where the matte begins anew
    at::Tensor weight;     ///< of the matte before, (1,H,W)
  };
  flow::FlowEstimator estimator_{flow::FlowOptions{}};
  at::Tensor picture_;  ///< of the last frame
  std::deque<Frame> frames_;
};

}  // namespace dreamreel::render
