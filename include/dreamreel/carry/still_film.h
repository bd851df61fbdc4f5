// The picture that lies under the dream of a still which becomes a video (input.duration). The dream feeds on
// itself, and the camera moves it. So the still under it has to be moved in the same way, in every frame.
#pragma once

#include <cstdint>
#include <optional>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/footage/noise.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"
#include "dreamreel/schedule/cadence.h"

namespace dreamreel::carry {

/// The camera's movement over two steps, as one step whose pivot is the middle of the frame. `first` is the
/// earlier step. Zoom, rotation and pan together are a similarity, and so are two of them.
image::CameraStep after_each_other(const image::CameraStep& first, const image::CameraStep& second,
                                   const image::Size& size);

/// The camera's movement since the first frame of a piece. It is put together of the same steps that move the
/// dream: from each dreamed frame to the next, and a part of such a step for a frame between them.
class StillPath {
 public:
  /// `job` and `timeline` must outlive the object.
  StillPath(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
            const image::Size& size, double frames_per_second);
  /// Frames may be asked for in any order; rising order within a piece is fastest.
  image::CameraStep to(const schedule::Piece& piece, std::int64_t frame);

 private:
  image::CameraStep step(std::int64_t from, std::int64_t to) const;

  const job::Job& job_;
  const footage::Timeline& timeline_;
  const schedule::Cadence cadence_;
  const image::Size size_;
  const double frames_per_second_;
  schedule::Piece piece_;
  std::optional<std::int64_t> reached_;  // a dreamed frame of piece_
  image::CameraStep path_;               // up to that frame
};

/// One thread.
class StillFilm {
 public:
  /// Whether a job needs one: its still may show beside the dream, or masks are made of it.
  static bool is_needed(const job::Job& job);

  /// Reads the still. `job` and `timeline` must outlive the object. Throws what media::Reader throws.
  StillFilm(const job::Job& job, const footage::Timeline& timeline, const schedule::Loop& loop,
            const media::VideoInfo& info, const at::Device& device);

  /// The still as the camera shows it in this frame: (3,H,W), on the device. For a frame that is pulled
  /// towards its twin, both pictures are dissolved.
  at::Tensor picture(const AnalysedFrame& analysed, const RandomKey& key);
  /// A mask that was made of the still, (1,H,W), moved in the same way.
  at::Tensor moved(const at::Tensor& mask, const AnalysedFrame& analysed);

 private:
  at::Tensor moved(const at::Tensor& picture, const AnalysedFrame& analysed, const footage::Outside& outside,
                   const RandomKey& key);
  footage::Outside outside_of(const AnalysedFrame& analysed) const;

  const job::Job& job_;
  const footage::Timeline& timeline_;
  at::Tensor still_;
  StillPath path_, twin_path_;
};

}  // namespace dreamreel::carry
