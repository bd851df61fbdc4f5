// The source of a backward pass (schedule/backward.h): frames from the last to the first, with the motion
// that leads from each to the frame behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "dreamreel/carry/analysis.h"
#include "dreamreel/carry/motion.h"
#include "dreamreel/footage/source.h"
#include "dreamreel/footage/timeline.h"
#include "dreamreel/job/job.h"
#include "dreamreel/media/video.h"

namespace dreamreel::carry {

/// The most frames that wait decoded, for frames of this size. A decoder only goes forward, so frames are
/// decoded in blocks, and the source is opened anew for each block.
std::int64_t frames_of_block(int width, int height);

/// One thread.
class BackwardFrames {
 public:
  using Open = std::function<std::unique_ptr<footage::FrameSource>()>;

  /// What is to be dreamed: frames of `piece`, falling. With `is_restored`, the first of them is stored.
  struct Order {
    schedule::Piece piece;
    std::vector<std::int64_t> frames;
    bool is_restored = false;
  };

  /// `open` opens the job's source anew. `temporal` and `timeline` must outlive the object. `stop` may be
  /// null.
  BackwardFrames(Open open, Order order, const job::Temporal& temporal, const footage::Timeline& timeline,
                 const std::atomic<bool>* stop);

  /// The next frame of the order. nullopt after the last one. Throws DataError if the source ends too early,
  /// and Interrupted.
  std::optional<AnalysedFrame> next();

 private:
  media::VideoFrame decode();
  void fill_block();

  const Open open_;
  const Order order_;
  MotionFinder motion_;
  const bool deepens_;
  const std::atomic<bool>* const stop_;
  std::size_t place_ = 0;                    // in order_.frames
  std::int64_t position_;                    // of the frame that decode() returns
  std::vector<media::VideoFrame> block_;     // rising; the last one comes next
  std::vector<media::VideoFrame> masked_;    // see AnalysedFrame::block
  std::optional<media::VideoFrame> behind_;  // the frame behind the current one
  std::optional<media::VideoFrame> dreamed_;
  std::optional<flow::FlowPair> path_;  // from dreamed_ to behind_
};

}  // namespace dreamreel::carry
