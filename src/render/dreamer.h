// The temporal dreaming stage: it carries the previous dream along, blends it into the source, and ascends.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "analysis.h"
#include "carried_noise.h"
#include "colouring.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/masks.h"
#include "dreamreel/render/objective_set.h"
#include "dreamreel/render/timeline.h"
#include "still_film.h"

namespace dreamreel::render {

struct DreamedFrame {
  /// D_t: (3,H,W) float32 in [0,1], 16-bit levels, CPU; with the source frame the whole state.
  at::Tensor dreamed;
  /// The picture that is encoded, of the same shape. The same tensor if it is the dreamed frame itself.
  at::Tensor output;
  double objective = 0;  ///< of a filled-in frame: the value of the dreamed frame after it
  std::string note{};    ///< what restore() needs beside the pictures
  at::Tensor base{};     ///< the still under the dream, if it may show beside it (StillFilm); CPU
};

/// Takes frames in order, on one thread. Its whole state is the last dreamed frame with its note, and the
/// last source frame. With temporal.memory, some older dreams belong to it as well.
class Dreamer {
 public:
  /// `info` describes the source. `limit` holds for every pass. Sets the lesions of `objectives`. Throws what
  /// Masks throws.
  Dreamer(const job::Job& job, ObjectiveSet& objectives, const Timeline& timeline,
          const media::VideoInfo& info, const schedule::Loop& loop, const dream::PassLimit& limit = {},
          Trace* trace = nullptr);

  /// Dreams a frame. If dreams are carried, a twin that continues its shot must have its previous_dreamed.
  /// Throws RenderError, and whatever `observer` throws; the state is then unchanged.
  DreamedFrame dream(const AnalysedFrame& analysed, const dream::StepObserver& observer = {});

  /// Shows the last dream once more, for a frame with the same source (AnalysedFrame::held_from), under the
  /// frame's own opacity and mask.
  DreamedFrame hold(const AnalysedFrame& analysed);

  /// Makes a frame between the last two dreamed frames out of both. The frames of one gap must come in order.
  DreamedFrame fill(const AnalysedFrame& between);

  /// A stored dream under the frame's own opacity and mask; (3,H,W), CPU. Not for noise, because its frames
  /// have no picture that could lie under the dream.
  at::Tensor show(const AnalysedFrame& analysed, const at::Tensor& dreamed);

  /// Continues from a stored frame as if it had just been dreamed.
  void restore(const AnalysedFrame& analysed, const at::Tensor& dreamed, const std::string& note);

  /// Takes in an older dream that frames to come lean on, as if it had been dreamed before the last one.
  void recall(const AnalysedFrame& analysed, const at::Tensor& dreamed);

 private:
  /// Returns `observer` with a span of the trace for each step. `observer` must outlive the result.
  dream::StepObserver traced(const dream::StepObserver& observer, std::int64_t frame) const;
  // The frame from which a dream is carried on, on the device.
  struct Past {
    at::Tensor dreamed, source;  // source is undefined for pure feedback
  };
  // The start of an ascent.
  struct Start {
    at::Tensor picture, source;
    bool continues_shot = false, is_carried = false;
  };
  Start start_of(const AnalysedFrame& analysed, const curve::CurveTime& time, const RandomKey& key);
  Start twin_start(const Twin& twin, const curve::CurveTime& time, const RandomKey& key);
  bool carries(const curve::CurveTime& time) const;
  RandomKey key_of(const AnalysedFrame& analysed) const;
  at::Tensor mask_of(const AnalysedFrame& analysed, const std::optional<job::Mask>& mask,
                     const std::function<at::Tensor(Masks&, const media::VideoFrame&)>& track);
  at::Tensor mask_of_dream(const AnalysedFrame& analysed, const curve::CurveTime& time);
  at::Tensor base_of(const AnalysedFrame& analysed, const at::Tensor& source);
  at::Tensor source_of(const AnalysedFrame& analysed) const;
  at::Tensor in_colour(const at::Tensor& picture, const AnalysedFrame& analysed, const at::Tensor& source,
                       const curve::CurveTime& time) const;
  dream::AscentResult warmed_up(dream::AscentResult first, const AnalysedFrame& analysed,
                                const at::Tensor& source, dream::AscentOptions options,
                                const dream::StepObserver& observer);
  at::Tensor deepened_start(const at::Tensor& start, const AnalysedFrame& analysed, const at::Tensor& source,
                            dream::AscentOptions options, const dream::StepObserver& observer) const;
  at::Tensor marked(const at::Tensor& start, const at::Tensor& source, double blend) const;
  at::Tensor on_device(const at::Tensor& tensor) const;
  static at::Tensor shown(const at::Tensor& base, const at::Tensor& dreamed, double opacity,
                          const at::Tensor& mask);
  void collect_masks(const std::vector<AnalysedFrame>& frames);
  // `job` is the dreamer's own, or what a round of the warm-up goes by.
  at::Tensor carry_on(const job::Job& job, const Past& past, const Motion& motion, const at::Tensor& source,
                      const curve::CurveTime& time, const RandomKey& key,
                      const CarriedNoise::Grain& grain = {},
                      const std::vector<Recollection>& recollections = {}) const;
  at::Tensor blended(const Past& past, const Motion& motion, const at::Tensor& source, double blend,
                     const at::Tensor& positions, const RandomKey& key,
                     const std::vector<Recollection>& recollections) const;
  void keep_in_mind(const schedule::FrameStep& step, const Past& past);
  at::Tensor recalled(const Recollection& recollection) const;
  at::Tensor carried(const at::Tensor& picture, const at::Tensor& positions, const RandomKey& key) const;
  void warn_about_dropped_octaves(int dropped);

  const job::Job& job_;
  ObjectiveSet& objectives_;  // their lesions follow the frames
  const Timeline& timeline_;
  const image::Border border_;
  const schedule::Loop loop_;
  const dream::PassLimit limit_;
  Masks masks_;
  std::optional<Masks> twin_masks_;  // for a loop; both sets read their files forwards
  std::optional<StillFilm> still_;   // set if a still that becomes a video may show beside its dream
  CarriedNoise noise_, twin_noise_;
  Trace* const trace_;
  Palette palette_;                           // of the first frame of the shot, if the job keeps its colours
  Past previous_;                             // undefined before the first frame
  std::map<std::int64_t, at::Tensor> older_;  // what older dreams added to their sources: (3,H,W), half
  Past before_;                               // the dreamed frame before it, if frames are filled in
  curve::CurveTime closing_time_;             // time of the last dreamed frame
  double objective_ = 0;                      // value of the last dreamed frame
  std::map<std::int64_t, at::Tensor> gap_masks_;  // masks of the whole dream for frames to be filled in
  int octaves_dropped_ = 0;
};

}  // namespace dreamreel::render
