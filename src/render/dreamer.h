// The temporal dreaming stage: carries the previous dreamed frame along, blends it in, climbs.
#pragma once

#include <functional>
#include <map>

#include "analysis.h"
#include "colouring.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/masks.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/render/timeline.h"

namespace dreamreel::render {

struct DreamedFrame {
  at::Tensor dreamed;  ///< D_t: (3,H,W) float32, 16-bit levels, CPU; with the source frame the whole state
  at::Tensor
      output;  ///< the same shape: what is encoded; the same tensor where it is the dreamed frame itself
  double objective = 0;  ///< of a frame that is filled in, that of the dreamed one after it
  std::string note{};    ///< what restore() needs besides the pictures
};

/// Frames in order, one thread. The whole state is the last dreamed frame with its note, and the last source frame.
class Dreamer {
 public:
  /// `info`: of the source. `limit`: of every pass. Sets the lesions of `objectives`. Throws what Masks throws.
  Dreamer(const job::Job& job, ObjectiveSet& objectives, const Timeline& timeline,
          const media::VideoInfo& info, const schedule::Loop& loop, const dream::PassLimit& limit = {},
          Trace* trace = nullptr);

  /// A twin that continues its shot comes with its previous_dreamed where anything is carried. Throws RenderError, and whatever `observer` throws (the state is then unchanged).
  DreamedFrame dream(const AnalysedFrame& analysed, const dream::StepObserver& observer = {});

  /// The last dream once more, for a frame that shows the same source (AnalysedFrame::held_from), under its own opacity and
  /// mask.
  DreamedFrame hold(const AnalysedFrame& analysed);

  /// A frame between the last two that were dreamed, made of both. Frames of one gap in order.
  DreamedFrame fill(const AnalysedFrame& between) const;

  /// What a stored dream looks like under the frame's own opacity and mask; CPU. Not for pure feedback, whose frames have
  /// no picture of their own to lie under the dream.
  at::Tensor show(const AnalysedFrame& analysed, const at::Tensor& dreamed);

  /// Goes on from a frame as if it had just been dreamed.
  void restore(const AnalysedFrame& analysed, const at::Tensor& dreamed, const std::string& note);

 private:
  /// `observer`, which must outlive it, with a span for each step.
  dream::StepObserver traced(const dream::StepObserver& observer, std::int64_t frame) const;
  // What a dream is carried on from, on the device.
  struct Past {
    at::Tensor dreamed, source;  // source is undefined for pure feedback
  };
  // What an ascent starts from.
  struct Start {
    at::Tensor picture, source;
    bool continues_shot = false, is_carried = false;
  };
  Start start_of(const AnalysedFrame& analysed, const curve::CurveTime& time, const RandomKey& key) const;
  Start twin_start(const Twin& twin, const curve::CurveTime& time, const RandomKey& key) const;
  bool carries(const curve::CurveTime& time) const;
  RandomKey key_of(const AnalysedFrame& analysed) const;
  at::Tensor mask_of(const AnalysedFrame& analysed,
                     const std::function<at::Tensor(Masks&, const media::VideoFrame&)>& track);
  at::Tensor source_of(const AnalysedFrame& analysed) const;
  at::Tensor in_colour(const at::Tensor& picture, const AnalysedFrame& analysed, const at::Tensor& source,
                       const curve::CurveTime& time) const;
  dream::AscentResult warmed_up(dream::AscentResult first, const AnalysedFrame& analysed,
                                const at::Tensor& source, dream::AscentOptions options,
                                const dream::StepObserver& observer) const;
  at::Tensor marked(const at::Tensor& start, const at::Tensor& source, double blend) const;
  at::Tensor on_device(const at::Tensor& tensor) const;
  static at::Tensor shown(const at::Tensor& base, const at::Tensor& dreamed, double opacity,
                          const at::Tensor& mask);
  void collect_masks(const std::vector<AnalysedFrame>& frames);
  at::Tensor carry_on(const Past& past, const Motion& motion, const at::Tensor& source,
                      const curve::CurveTime& time, const RandomKey& key) const;
  at::Tensor blended(const Past& past, const Motion& motion, const at::Tensor& source, double blend,
                     const at::Tensor& positions, const RandomKey& key) const;
  at::Tensor carried(const at::Tensor& picture, const at::Tensor& positions, const RandomKey& key) const;
  void warn_about_dropped_octaves(int dropped);

  const job::Job& job_;
  ObjectiveSet& objectives_;  // its lesions follow the frames
  const Timeline& timeline_;
  const image::Border border_;
  const schedule::Loop loop_;
  const dream::PassLimit limit_;
  Masks masks_;
  std::optional<Masks> twin_masks_;  // of a loop; each reads its files onwards
  Trace* const trace_;
  Palette palette_;                               // of the first frame of the shot, if the job wants it kept
  Past previous_;                                 // undefined before the first frame
  Past before_;                                   // the dreamed frame before that, where frames are filled in
  curve::CurveTime closing_time_;                 // of the last dreamed frame
  double objective_ = 0;                          // of it
  std::map<std::int64_t, at::Tensor> gap_masks_;  // of the whole dream, for the frames to be filled in
  int octaves_dropped_ = 0;
};

}  // namespace dreamreel::render
