// Dense optical flow between source frames, its reliability, and cuts. Stands between the Reader and the
// carry; knows nothing of dreams. This header has the rules of the module and its fields; flow_estimator.h
// computes them.
//
// Works on the CPU: frames from elsewhere are copied, and results stay on the CPU. Tensors follow
// image/frame.h; wrong shapes throw std::invalid_argument. Every object here is used by one thread at a time.
// OpenCV does the work. It is kept on one thread in the whole process, so that it does not compete with the
// ascent beside it.
#pragma once

#include <ATen/core/Tensor.h>

namespace dreamreel::flow {

/// The flow in both directions. Each direction is computed on its own, never by negating the other.
struct FlowPair {
  at::Tensor prev_from_cur;  ///< (2,H,W) float32 px: p in the current frame came from p + flow(p) in the
                             ///< previous one
  at::Tensor
      cur_from_prev;  ///< (2,H,W) float32 px: p in the previous frame went to p + flow(p) in the current one
};

}  // namespace dreamreel::flow
