// Which source frames show the picture that was dreamed last, so that its dream is held (temporal.hold): animation on twos,
// where every drawing is shown for two frames or more.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"
#include "dreamreel/render/timeline.h"

namespace dreamreel::render {

/// Whether two frames, float32 (3,H,W) of one size in [0,1], show one picture: |a - b| is at most 0.75/255 on the mean of
/// all pixels, which a fade or a pan of the whole picture exceeds, and at most 8/255 on that of every 8x8 pixels, which
/// anything small that moves exceeds. docs/job.md says what compression makes of it.
bool show_the_same(const at::Tensor& a, const at::Tensor& b);

/// Immutable.
class Hold {
 public:
  /// All references must outlive it.
  Hold(const job::Job& job, const Timeline& timeline) : job_(job), timeline_(timeline) {}

  /// Whether `frame` is to show the dream of `drawn`: the last frame that was dreamed and not held, all after it held up to
  /// `previous`. Its picture is the same but for what compression adds, and the camera rests from `previous` to `frame`.
  /// Only asked of frames that the script says may be held.
  bool holds(const media::VideoFrame& drawn, const media::VideoFrame& previous,
             const media::VideoFrame& frame) const;

 private:
  const job::Job& job_;
  const Timeline& timeline_;
};

}  // namespace dreamreel::render
