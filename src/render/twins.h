// The run-in's frames once more, beside those frames of a loop that are pulled towards them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dreamreel/flow/flow.h"
#include "dreamreel/render/plan.h"
#include "source.h"

namespace dreamreel::render {

/// How a frame's pixels moved since the one that it is carried on from.
struct Motion {
  double seconds_since_previous = 0;
  double frames_since_previous = 1;
  std::optional<at::Tensor>
      prev_from_cur;  ///< (2,H,W) px; none for pure feedback, without flow or at a shot's start
  std::optional<at::Tensor> reliability;  ///< (1,H,W); none where every pixel is trusted
};

/// Motion between source frames, as the job wants it found. One thread.
class MotionFinder {
 public:
  explicit MotionFinder(const job::Temporal& temporal);
  /// Adds flow and reliability; nothing where the job has no flow or a frame no picture.
  void add(const at::Tensor& previous, const at::Tensor& current, Motion& motion);
  /// The flow alone; nullopt where add() adds nothing.
  std::optional<flow::FlowPair> flow(const at::Tensor& previous, const at::Tensor& current);
  /// Its half of a motion, with the reliability; nothing without a flow.
  void describe(const std::optional<flow::FlowPair>& flow, Motion& motion) const;

 private:
  const bool wants_flow_, wants_reliability_;
  flow::FlowEstimator estimator_;
};

/// The frame that another one turns into.
struct Twin {
  media::VideoFrame frame;      ///< its source; no picture for pure feedback
  at::Tensor previous_source;   ///< of the frame before; undefined where it does not continue its shot
  at::Tensor previous_dreamed;  ///< the same, as stored; not set by Twins
  std::string note;             ///< stored with it
  bool continues_shot = false;
  Motion motion;
  double weight = 0;  ///< how far the other frame is this one, above 0
};

/// One thread; frames are asked for in order.
class Twins {
 public:
  using Open = std::function<std::unique_ptr<FrameSource>()>;

  /// `open` gives the job's source anew; it is called once, if there is a twin to be read. Never for pure feedback, whose
  /// twins have no picture.
  Twins(const Loop& loop, std::vector<Shot> run_in, const job::Job& job, double frames_per_second, Open open);

  /// The twin of a frame, with its motion if that is wanted; nullopt for one that is not pulled.
  std::optional<Twin> of(std::int64_t frame, bool wants_motion);

 private:
  void read(Twin& twin, bool wants_motion);
  media::VideoFrame decode(std::int64_t index);

  const Loop loop_;
  const std::vector<Shot> run_in_;
  const bool is_feedback_;
  const double frames_per_second_;
  const Open open_;
  MotionFinder motion_;
  std::unique_ptr<FrameSource> source_;
  std::int64_t position_ = 0;  // index of the source's next frame
  std::optional<media::VideoFrame> previous_;
};

}  // namespace dreamreel::render
