// Finds source frames that show the same picture as the frame dreamed last, so that its dream is held
// (temporal.hold). This suits animation on twos, which shows every drawing for two or more frames.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::carry {

/// Whether two frames, float32 (3,H,W) of one size in [0,1], show the same picture. The mean of |a - b| over
/// all pixels must be at most 0.75/255; a fade or a pan of the whole picture exceeds this limit. The mean
/// over every 8x8 pixels must be at most 8/255; a small moving thing exceeds this limit. docs/job.md says how
/// compression affects both.
bool show_the_same(const at::Tensor& a, const at::Tensor& b);

/// Immutable.
class Hold {
 public:
  /// All references must outlive the object.
  Hold(const job::Job& job, const footage::Timeline& timeline) : job_(job), timeline_(timeline) {}

  /// Whether `frame` shows the dream of `drawn`, the last frame that was dreamed and not held. All frames
  /// from `drawn` to `previous` are held. `frame` must show the same picture except for compression noise,
  /// and the camera must rest from `previous` to `frame`. Must only be called for frames that the script
  /// allows to be held.
  bool holds(const media::VideoFrame& drawn, const media::VideoFrame& previous,
             const media::VideoFrame& frame) const;

 private:
  const job::Job& job_;
  const footage::Timeline& timeline_;
};

}  // namespace dreamreel::carry
