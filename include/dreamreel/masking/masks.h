// Masks limit where a frame is dreamed. They come from files, from the source itself, from its motion, and
// from networks that look at the source.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"

namespace dreamreel::masking {

/// The masks of one job. A frame's mask depends on the job and on the source around that frame alone, so
/// frames may be asked for in any order; rising order is fastest. One thread.
class Masks {
 public:
  /// Opens every file, reads its first picture, and loads the networks. `info` describes the source that is
  /// dreamed on. Throws InputError if a file cannot be read, JobError if a file lacks the wanted channel or
  /// the source lacks alpha, and what MatteNetwork throws.
  Masks(const job::Job& job, const media::VideoInfo& info);
  ~Masks();
  Masks(Masks&&) noexcept;

  /// What a person should know of the masks' files: those that go with the source by time.
  std::vector<std::string> remarks() const;

  /// The mask of the whole dream or of one objective: (1,H,W) float32 in [0,1], in the size of the frame, on
  /// the CPU. Undefined if the job has no such mask. `objective` is an index into job.dream.objectives.
  at::Tensor of_dream(const media::VideoFrame& frame, const curve::CurveTime& time);
  at::Tensor of_objective(std::size_t objective, const media::VideoFrame& frame,
                          const curve::CurveTime& time);

 private:
  class File;
  class Track;
  std::unique_ptr<Track> dream_;
  std::vector<std::unique_ptr<Track>> objectives_;  // null for objectives without a mask
};

/// The largest number of bytes that masks of networks and of motion take, with passes and the maps of earlier
/// frames. `info` gives the size of the source. 0 if no mask has a network; otherwise the networks
/// are loaded to find out. Throws what Masks throws.
std::int64_t bytes_of_mattes(const job::Job& job, const media::VideoInfo& info);

/// The keyed mask of a picture, (1,H,W) in [0,1], not yet inverted or feathered. `picture` is (3,H,W) in
/// [0,1]. `alpha`, (1,H,W), is the source's alpha for From::alpha, the network's matte for From::person and
/// From::class_map, and the speed for From::motion, in widths of the frame per second. Luma is computed from
/// the encoded values as in Rec. 709. Chroma is (Cb,Cr) of Rec. 709, each from -0.5 to 0.5; the key measures
/// the distance between two colours in this plane. All keys are 1 inside and fall linearly to 0 over the
/// softness.
at::Tensor key(const job::Mask& mask, const at::Tensor& picture, const at::Tensor& alpha,
               const curve::CurveTime& time);

/// Inverts and feathers a keyed mask as `mask` says; (1,H,W) in [0,1]. A feather of w pixels is a Gaussian
/// blur that makes a hard edge fall from 0.95 to 0.05 over w pixels. Its standard deviation is w / 3.29.
at::Tensor finished(const job::Mask& mask, const at::Tensor& keyed, const curve::CurveTime& time);

}  // namespace dreamreel::masking
