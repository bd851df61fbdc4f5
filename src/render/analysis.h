// The first stage of the pipeline, on a thread of its own: decode, find cuts, estimate flow.
#pragma once

#include <atomic>
#include <memory>

#include "dreamreel/flow/flow.h"
#include "dreamreel/job/job.h"
#include "dreamreel/render/render.h"
#include "source.h"

namespace dreamreel::render {

/// A source frame with all that the dreaming needs to know about its motion.
struct AnalysedFrame {
  media::VideoFrame frame;
  int shot = 0;
  bool continues_shot = false;  ///< the frame before it belongs to the same shot and was rendered
  double seconds_since_previous = 0;
  std::optional<at::Tensor>
      prev_from_cur;  ///< (2,H,W) px; none for pure feedback, without flow or at a shot's start
  std::optional<at::Tensor> reliability;  ///< (1,H,W); none where every pixel is trusted
};

/// Pulls from `source`; one thread. Frames before the range are decoded for their cuts only and not delivered.
class Analysis {
 public:
  /// `stop` may be null; once it is set, next() throws Interrupted, also while it skips to a far range.
  Analysis(FrameSource& source, const job::Temporal& temporal, const FrameRange& range,
           const std::atomic<bool>* stop = nullptr);
  std::optional<AnalysedFrame> next();

 private:
  bool begins_shot(const media::VideoFrame& frame);
  void add_flow(AnalysedFrame& analysed);

  FrameSource& source_;
  const FrameRange range_;
  const std::atomic<bool>* const stop_;
  const bool find_cuts_, wants_flow_, wants_reliability_;
  flow::FlowEstimator estimator_;
  flow::CutDetector cuts_;
  std::optional<media::VideoFrame> previous_;
  int shot_ = 0;
};

}  // namespace dreamreel::render
