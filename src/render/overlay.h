// What lies around a frame's dream: the picture under it, the masks that limit it, and its opacity.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/still_film.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/masking/masks.h"

namespace dreamreel::render {

/// Of one frame.
struct Layers {
  at::Tensor base;     ///< (3,H,W) in [0,1], the picture under the dream
  at::Tensor mask;     ///< (1,H,W) in [0,1], where the dream shows; undefined: everywhere
  double opacity = 1;  ///< of the whole dream, in [0,1]

  /// Whether nothing but the dream shows.
  bool show_the_dream_alone() const { return opacity == 1 && !mask.defined(); }
};

/// A dream, (3,H,W) of 16-bit levels, over its base. The dream itself if nothing else shows.
at::Tensor shown(const Layers& layers, const at::Tensor& dreamed);

/// One thread. Takes frames in order, because files of masks are read only forwards. Tensors are on the
/// device.
class Overlay {
 public:
  /// `info` describes the source. `job` and `timeline` must outlive the object. `is_shown`: the dreams are
  /// shown; otherwise, masks that do not steer them are left out. Throws what Masks throws.
  Overlay(const job::Job& job, const footage::Timeline& timeline, const media::VideoInfo& info,
          const schedule::Loop& loop, const at::Device& device, bool is_shown = true);

  /// The layers of a frame that lies over `base`, unless a still moves below its dreams.
  Layers of(const carry::AnalysedFrame& analysed, const at::Tensor& base, const RandomKey& key);
  /// The layers of a frame that is held: over its own source, whatever lies under other dreams.
  Layers of_held(const carry::AnalysedFrame& analysed, const at::Tensor& source);
  /// The layers of a frame that is filled in. Its mask has been collected.
  Layers of_filled(const carry::AnalysedFrame& between, const at::Tensor& base, const RandomKey& key);
  /// Collects the masks of the frames of a gap. Must be called before the mask of the frame that closes it.
  void collect_masks(const std::vector<carry::AnalysedFrame>& between);

  /// Collects all masks of a block of rising frames, which are dreamed backward afterwards. Masks are read
  /// forwards much faster than backwards.
  void collect_block(const std::vector<media::VideoFrame>& block);

  /// The mask of one objective of the job: (1,H,W) in [0,1]; undefined if it has none.
  at::Tensor mask_of_objective(std::size_t objective, const carry::AnalysedFrame& analysed);

  /// Whether a still that becomes a video lies under the dreams.
  bool has_still() const { return still_.has_value(); }

 private:
  using Track = std::function<at::Tensor(masking::Masks&, const media::VideoFrame& numbered,
                                         const curve::CurveTime& time)>;
  at::Tensor mask_of(const carry::AnalysedFrame& analysed, const std::optional<job::Mask>& said,
                     const Track& track);
  at::Tensor mask_of_dream(const carry::AnalysedFrame& analysed);
  double opacity_of(const carry::AnalysedFrame& analysed) const;

  const job::Job& job_;
  const footage::Timeline& timeline_;
  const schedule::Loop loop_;
  const at::Device device_;
  const bool is_shown_;
  masking::Masks masks_;
  std::optional<masking::Masks> twin_masks_;  // for a loop; both sets read their files forwards
  std::optional<carry::StillFilm> still_;     // set if a still that becomes a video may show beside its dream
  // The masks of a block by frame: of the whole dream, then of the objectives.
  std::map<std::int64_t, std::vector<at::Tensor>> block_masks_;
  std::map<std::int64_t, at::Tensor> gap_masks_;  // masks of the whole dream for frames to be filled in
};

}  // namespace dreamreel::render
