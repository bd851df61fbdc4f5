// Dreams on frames: Pasts gives the start of an ascent, and Dreamer ascends, colours and quantises.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colouring.h"
#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/pasts.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/dream/ascend.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/model/objective_set.h"
#include "overlay.h"

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
  /// Whether frames come in the order of the video, or from the last to the first (schedule/backward.h).
  enum class Direction { forward, backward };

  /// `info` describes the source. `limit` holds for every pass. Sets the lesions of `objectives`. Throws what
  /// Masks throws.
  Dreamer(const job::Job& job, model::ObjectiveSet& objectives, const footage::Timeline& timeline,
          const media::VideoInfo& info, const schedule::Loop& loop, const dream::PassLimit& limit = {},
          Trace* trace = nullptr, Direction direction = Direction::forward);

  /// Dreams a frame. If dreams are carried, a twin that continues its shot must have its previous_dreamed.
  /// Throws RenderError, and whatever `observer` throws; the state is then unchanged.
  DreamedFrame dream(const carry::AnalysedFrame& analysed, const dream::StepObserver& observer = {});

  /// Shows the last dream once more, for a frame with the same source (AnalysedFrame::held_from), under the
  /// frame's own opacity and mask.
  DreamedFrame hold(const carry::AnalysedFrame& analysed);

  /// Makes a frame between the last two dreamed frames out of both. The frames of one gap must come in order.
  DreamedFrame fill(const carry::AnalysedFrame& between);

  /// A stored dream under the frame's own opacity and mask; (3,H,W), CPU. Not for noise, because its frames
  /// have no picture that could lie under the dream.
  at::Tensor show(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed);

  /// Continues from a stored frame as if it had just been dreamed.
  void restore(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed, const std::string& note);

  /// Takes in an older dream that frames to come lean on, as if it had been dreamed before the last one.
  void recall(const carry::AnalysedFrame& analysed, const at::Tensor& dreamed);

 private:
  RandomKey key_of(const carry::AnalysedFrame& analysed) const;
  at::Tensor picture_to_ascend(const carry::Start& start, const carry::AnalysedFrame& analysed,
                               const curve::CurveTime& time) const;
  dream::AscentOptions options_of(const carry::AnalysedFrame& analysed, const carry::Start& start,
                                  const curve::CurveTime& time);
  dream::AscentResult ascended(const carry::AnalysedFrame& analysed, const carry::Start& start,
                               dream::AscentOptions options, const dream::StepObserver& observer);
  dream::AscentResult warmed_up(dream::AscentResult first, const carry::AnalysedFrame& analysed,
                                const at::Tensor& source, dream::AscentOptions options,
                                const dream::StepObserver& observer);
  at::Tensor deepened_start(const carry::Start& start, const carry::AnalysedFrame& analysed,
                            dream::AscentOptions options, const dream::StepObserver& observer) const;
  at::Tensor quantised(const at::Tensor& picture, const carry::AnalysedFrame& analysed,
                       const at::Tensor& source, const curve::CurveTime& time);
  at::Tensor in_colour(const at::Tensor& picture, const carry::AnalysedFrame& analysed,
                       const at::Tensor& source, const curve::CurveTime& time) const;
  /// Returns `observer` with a span of the trace for each step. `observer` must outlive the result.
  dream::StepObserver traced(const dream::StepObserver& observer, std::int64_t frame) const;
  at::Tensor on_own_device(const at::Tensor& tensor) const;
  void warn_about_dropped_octaves(int dropped);

  const job::Job& job_;
  model::ObjectiveSet& objectives_;  // their lesions follow the frames
  const footage::Timeline& timeline_;
  const schedule::Loop loop_;
  const dream::PassLimit limit_;
  Trace* const trace_;
  const Direction direction_;
  carry::Pasts pasts_;
  Overlay overlay_;
  Palette palette_;                // of the first frame of the shot, if the job keeps its colours
  curve::CurveTime closing_time_;  // time of the last dreamed frame
  double objective_ = 0;           // value of the last dreamed frame
  int octaves_dropped_ = 0;
};

}  // namespace dreamreel::render
