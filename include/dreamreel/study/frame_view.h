// Looks at single frames of jobs that are still being written, one after the other and quickly: their
// sources, and what the jobs dream of them. What the next look will need again is kept: opened sources,
// decoded frames, loaded networks.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::study {

/// The size of a frame whose longer side is at most `longest_side`, with the same shape and even sides; its
/// own size where that is not larger.
struct ViewSize {
  int width = 0, height = 0;
};
ViewSize view_size(int width, int height, int longest_side);

/// Sources of jobs. Any thread: calls wait for each other.
class SourceView {
 public:
  SourceView();
  ~SourceView();
  SourceView(const SourceView&) = delete;
  SourceView& operator=(const SourceView&) = delete;

  /// Of the source, at its own size. Throws what render::open_source() throws.
  media::VideoInfo info(const job::Job& job);
  /// (3,H,W) float32 [0,1], no side longer than `longest_side`. Frames in rising order are quickest. Throws
  /// UsageError where the source has no such frame.
  at::Tensor frame(const job::Job& job, std::int64_t frame, int longest_side);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// How far a dream has come.
struct DreamProgress {
  at::Tensor picture;  ///< (3,h,w) float32 [0,1], of the octave's size; valid during the call
  int octave = 0;      ///< counted from 1, the coarsest, to `octaves`
  int octaves = 1;
  int step = 0, steps = 1;  ///< within the octave, the first one being 1
};
using DreamObserver = std::function<void(const DreamProgress&)>;

/// Dreams of jobs. One thread.
class DreamView {
 public:
  DreamView();
  ~DreamView();
  DreamView(const DreamView&) = delete;
  DreamView& operator=(const DreamView&) = delete;

  /// The frame dreamed by itself, as the first of a shot, on frames no side of which is longer than
  /// `longest_side` (job::smaller()); where they are not larger in the first place, the bits of a render
  /// that begins there. (3,H,W) float32 [0,1] CPU. `observer` is called after every step. Throws
  /// Interrupted soon after `stop` is set, and what a render throws before its first frame.
  at::Tensor dream(const job::Job& job, std::int64_t frame, int longest_side, const DreamObserver& observer,
                   const std::atomic<bool>& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::study
