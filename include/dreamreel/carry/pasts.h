// Carries dreams from frame to frame. An ascent starts from the source, plus what earlier dreams had added to
// their sources, moved along camera and flow. Dreaming itself is left to Dreamer.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/carried_noise.h"
#include "dreamreel/core/trace.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/image/resample.h"
#include "dreamreel/job/job.h"

namespace dreamreel::carry {

/// A dream and the source that it was made of: (3,H,W) in [0,1], on the device.
struct Past {
  at::Tensor dreamed;
  at::Tensor source;  ///< undefined for pure feedback
};

/// What the ascent of a frame starts from: (3,H,W) in [0,1], on the device.
struct Start {
  at::Tensor picture;
  at::Tensor source;  ///< the frame's source, dissolved into its twin's; undefined for pure feedback
  /// Of the frame, or of its twin if the twin weighs more.
  bool continues_shot = false, is_carried = false;
};

/// The frame's source on `device`, dissolved into its twin's source. The frame must have a picture.
at::Tensor source_of(const AnalysedFrame& analysed, const at::Device& device);

/// Remembers the dreams that frames to come lean on: the last one, and older ones with temporal.memory. Takes
/// frames in order, on one thread.
class Pasts {
 public:
  /// `info` describes the source. `trace` may be null. All references must outlive the object.
  Pasts(const job::Job& job, const footage::Timeline& timeline, const media::VideoInfo& info,
        const schedule::Loop& loop, const at::Device& device, Trace* trace);

  /// The start of a frame's ascent. The frame leans on what keep() and recall() were given. A twin that
  /// continues its shot must have its previous_dreamed. `key` is the frame's.
  Start start_of(const AnalysedFrame& analysed, const curve::CurveTime& time, const RandomKey& key);

  /// The start of a further round of temporal.warmup, from the picture of the round before. A dream out of
  /// noise moves in between as in a later frame; all others stand still. `source` is undefined for pure
  /// feedback. `round_job` holds the settings of a round, `key` its random numbers.
  at::Tensor start_of_round(const job::Job& round_job, const at::Tensor& picture,
                            const AnalysedFrame& analysed, const at::Tensor& source,
                            const curve::CurveTime& time, const RandomKey& key);

  /// Takes a frame's dream as the last one, and keeps it in mind as long as the script says.
  void keep(const schedule::FrameStep& step, Past dream);
  /// Keeps an older dream in mind that frames to come lean on.
  void recall(const schedule::FrameStep& step, const Past& dream);

  /// The dream that the next frame is carried on from; undefined before the first frame.
  const Past& last() const { return last_; }
  /// The dreamed frame before it, if frames are filled in (temporal.every).
  const Past& before_last() const { return before_last_; }

 private:
  struct Move;     // from a past to a frame
  struct Reading;  // how pictures of the past are read for it
  Start twin_start(const Twin& twin, const curve::CurveTime& time, const RandomKey& key);
  bool carries(const curve::CurveTime& time) const;
  at::Tensor of_backward(const AnalysedFrame& analysed, const at::Tensor& source) const;
  at::Tensor carried_back(const Move& move, const curve::CurveTime& time, const RandomKey& key) const;
  at::Tensor carried_on(const Move& move, const curve::CurveTime& time, const RandomKey& key) const;
  Reading reading_of(const Move& move, const curve::CurveTime& time, const RandomKey& key) const;
  at::Tensor fed_back(const Move& move, const Reading& reading, const curve::CurveTime& time) const;
  at::Tensor blended(const Move& move, const Reading& reading, double blend) const;
  at::Tensor added(const Move& move, const Reading& reading) const;
  at::Tensor remembered(const Recollection& recollection) const;
  static at::Tensor moved(const at::Tensor& picture, const Reading& reading);
  at::Tensor uploaded(const at::Tensor& tensor) const;

  const job::Job& job_;
  const footage::Timeline& timeline_;
  const at::Device device_;
  Trace* const trace_;
  CarriedNoise noise_, twin_noise_;
  Past last_, before_last_;
  std::map<std::int64_t, at::Tensor> older_;  // what older dreams added to their sources: (3,H,W), half
};

}  // namespace dreamreel::carry
