// Where the dream may be, frame by frame: masks from files, from the source itself and from what a network sees in it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::render {

/// Masks of one job. A frame's mask depends on the job and that frame alone, so any frame may be asked for; in
/// their order is fastest. One thread.
class Masks {
 public:
  /// Opens every file and reads its first picture, and loads the networks. `info`: of the source that is dreamed
  /// on. Throws InputError for a file that cannot be read, JobError for a channel or a source without alpha, and what
  /// MatteNetwork throws.
  Masks(const job::Job& job, const media::VideoInfo& info);
  ~Masks();
  Masks(Masks&&) noexcept;

  /// (1,H,W) float32 in [0,1] of the frame's size, CPU; undefined where the job has no such mask. `objective`
  /// counts as in job.dream.objectives.
  at::Tensor of_dream(const media::VideoFrame& frame, const curve::CurveTime& time);
  at::Tensor of_objective(std::size_t objective, const media::VideoFrame& frame,
                          const curve::CurveTime& time);

 private:
  class Track;
  std::unique_ptr<Track> dream_;
  std::vector<std::unique_ptr<Track>> objectives_;  // null for those without
};

/// What the job's masks made by networks take of memory at most, for a source of this size: the networks,
/// their passes, the maps of the frames before. 0 without such a mask; else the networks are loaded to find
/// out. Throws what Masks throws.
std::int64_t bytes_of_mattes(const job::Job& job, const media::VideoInfo& info);

/// Whether the source has to be read with its alpha.
bool wants_alpha(const job::Job& job);

/// The mask of a picture, (3,H,W), with `alpha`, (1,H,W), which is the source's for From::alpha, and the network's matte for
/// From::person and From::class_map: keyed, not yet inverted or feathered. Luma is Rec. 709's of the encoded values; chroma its (Cb,Cr), each from -0.5 to 0.5, in which
/// the distance to the colour is taken. Both keys are 1 inside and fall linearly to 0 over the softness.
at::Tensor key(const job::Mask& mask, const at::Tensor& picture, const at::Tensor& alpha,
               const curve::CurveTime& time);

/// Inverted and feathered as the mask says, (1,H,W). A feather of w pixels is a Gaussian under which a hard edge
/// takes w pixels from 0.95 to 0.05: its standard deviation is w / 3.29.
at::Tensor finished(const job::Mask& mask, const at::Tensor& keyed, const curve::CurveTime& time);

}  // namespace dreamreel::render
