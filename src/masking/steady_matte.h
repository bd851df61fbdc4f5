// Steadies a network's maps along the picture's motion. A network rates every frame anew, so its edges would
// flicker.
#pragma once

#include <deque>
#include <functional>

#include "dreamreel/flow/flow_estimator.h"

namespace dreamreel::masking {

/// Takes frames in their order, on one thread.
class SteadyMatte {
 public:
  /// The largest number of earlier frames that a matte depends on. It is bounded so that a render can begin
  /// anywhere: starting this many frames earlier gives the same bits.
  static constexpr std::int64_t kFramesBefore = 8;

  /// Whether a shot goes on between two frames with this motion. At a cut, hardly any motion can be trusted.
  static bool goes_on(const flow::FlowPair& motion);

  /// Forgets all frames. Must be called before a frame that does not follow the last one.
  void begin();

  /// Adds the next frame, (3,H,W) in [0,1], and the network's map for this frame, (1,H,W) in [0,1]. All
  /// pictures and maps must have one size.
  void add(const at::Tensor& picture, const at::Tensor& map);
  /// The same with a map that is made of the motion from the frame before. The motion is null where the matte
  /// begins anew.
  using MapOf = std::function<at::Tensor(const flow::FlowPair* motion)>;
  void add(const at::Tensor& picture, const MapOf& map_of);

  /// The steadied map of the last frame, (1,H,W) in [0,1]. It is built up over the last kFramesBefore frames.
  /// Where the flow can be trusted, each frame takes most of the previous matte, moved along the flow;
  /// elsewhere it takes its own map. At a cut, hardly any motion can be trusted, so the matte begins anew.
  at::Tensor matte() const;

 private:
  struct Frame {
    at::Tensor map;
    at::Tensor positions;  ///< (2,H,W) px in the previous frame; undefined where the matte begins anew
    at::Tensor weight;     ///< (1,H,W): weight of the previous matte
  };
  flow::FlowEstimator estimator_{flow::FlowOptions{}};
  at::Tensor picture_;  ///< picture of the last frame
  std::deque<Frame> frames_;
};

}  // namespace dreamreel::masking
