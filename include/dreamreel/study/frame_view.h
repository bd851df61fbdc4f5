// Shows single frames of jobs that a user is still writing: source frames, and the dreams that the jobs make
// of them. To be quick, it keeps opened sources, decoded frames and loaded networks for the next call.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::study {

/// The size of a frame, px, reduced so that its longer side is at most `longest_side`. The shape is kept, and
/// both sides are even. A frame that is no larger keeps its size.
struct ViewSize {
  int width = 0, height = 0;
};
ViewSize view_size(int width, int height, int longest_side);

/// Shows source frames of jobs. Any thread may call it; calls wait for each other.
class SourceView {
 public:
  SourceView();
  ~SourceView();
  SourceView(const SourceView&) = delete;
  SourceView& operator=(const SourceView&) = delete;

  /// Describes the source at its own size. Throws the errors of footage::open_source().
  media::VideoInfo info(const job::Job& job);
  /// A source frame, (3,H,W) float32 in [0,1], reduced as by view_size(). Frames in rising order are fastest.
  /// Throws UsageError if the source has no such frame.
  at::Tensor frame(const job::Job& job, std::int64_t frame, int longest_side);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// How far a dream has come.
struct DreamProgress {
  at::Tensor picture;  ///< (3,h,w) float32 in [0,1] at the octave's size; valid during the call
  int octave = 0;      ///< from 1, the coarsest, to `octaves`
  int octaves = 1;
  int step = 0, steps = 1;  ///< within the octave, counted from 1
};
using DreamObserver = std::function<void(const DreamProgress&)>;

/// Dreams single frames of jobs. It must be used by one thread.
class DreamView {
 public:
  DreamView();
  ~DreamView();
  DreamView(const DreamView&) = delete;
  DreamView& operator=(const DreamView&) = delete;

  /// Dreams a frame on its own, as the first frame of a shot: (3,H,W) float32 in [0,1] on the CPU. Frames are
  /// first reduced so that no side is longer than `longest_side` (job::smaller()). If they are not larger,
  /// the result has the bits of a render that begins at this frame. `observer` is called after every step.
  /// Throws Interrupted soon after `stop` is set, and the errors that a render throws before its first frame.
  at::Tensor dream(const job::Job& job, std::int64_t frame, int longest_side, const DreamObserver& observer,
                   const std::atomic<bool>& stop);

  /// Dreams `count` frames in a row, reduced as by dream(), and returns them as JPEG files. The first one is
  /// the first frame of a shot, and the dream is carried to the others. Near the end of a clip, the frames
  /// begin earlier, so that there are as many; a shorter job gives all its frames. `observer` is called after
  /// every frame with the number of frames that are done, and may throw. Throws as dream() does.
  std::vector<std::string> dream_loop(const job::Job& job, std::int64_t frame, std::int64_t count,
                                      int longest_side,
                                      const std::function<void(std::int64_t done)>& observer,
                                      const std::atomic<bool>& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dreamreel::study
